// What the soak's two processes say to each other. The region runs in a process of its own, so that what
// is measured in the other is the agent and nothing else.

import type { FaultSettings } from "../region/faults/settings.ts";

export type Question =
  | { readonly ask: "arrival" }
  | { readonly ask: "listen"; readonly instanceId: string }
  | { readonly ask: "end"; readonly instanceId: string; readonly how: "crash" | "terminate" }
  | { readonly ask: "isOn"; readonly instanceId: string }
  | { readonly ask: "fail"; readonly faults: FaultSettings }
  | { readonly ask: "heal" }
  | { readonly ask: "free address" };

export interface Asked {
  readonly number: number;
  readonly question: Question;
}

export type FromRegion =
  | { readonly kind: "ready"; readonly endpoint: string; readonly regionName: string }
  | { readonly kind: "answer"; readonly number: number; readonly text: string }
  /** A volume's device is in this machine from now on, or in none. */
  | { readonly kind: "attached"; readonly volumeId: string; readonly instanceId: string | null }
  | { readonly kind: "made"; readonly volumeId: string; readonly formatted: boolean }
  | { readonly kind: "deleted"; readonly volumeId: string };
