// What the region's process and its gateway tell each other over their channel. A message that hands
// over a socket travels with it.

/** `relay` carries a client's socket; `cut` ends everything relayed for that route so far. */
export type ToGateway =
  | {
      readonly kind: "relay";
      readonly route: number;
      readonly privateIp: string;
      readonly port: number;
    }
  | { readonly kind: "cut"; readonly route: number };

/** `metadata` and `api` carry an instance's socket. */
export interface FromGateway {
  readonly kind: "ready" | "metadata" | "api";
}

export function isToGateway(message: unknown): message is ToGateway {
  return kindOf(message) === "relay" || kindOf(message) === "cut";
}

export function isFromGateway(message: unknown): message is FromGateway {
  return ["ready", "metadata", "api"].includes(kindOf(message));
}

function kindOf(message: unknown): string {
  if (typeof message !== "object" || message === null || !("kind" in message)) return "";
  return String(message.kind);
}
