// The policy that a role gets in a rehearsal: what the command prints for the settings, read back, and not
// what anybody believes that it prints. Where nobody says which settings the agents will have, it is
// that of a seat that uses everything but keys and seeds of its own.

import { printedPolicy } from "../../../agent/cli/policy.ts";
import type { Settings } from "../../../agent/domain/settings.ts";
import type { PolicyDocument } from "../../../agent/policy/document.ts";
import { describeMistakes, loadSettings } from "../../../agent/port/settings.ts";
import { defaultAccountId } from "../region.ts";

/** Narrowed to a region and to the account that regions have, where one is given. */
export function printedFor(settings: Settings, region: string | null = null): PolicyDocument {
  const account = region === null ? null : defaultAccountId;
  const wish = { format: "json", partition: null, region, account } as const;
  return JSON.parse(printedPolicy(settings, wish)) as PolicyDocument;
}

/** Throws what an operator would read. */
export function settingsFrom(text: string): Settings {
  const loaded = loadSettings({ text, overrides: [], environment: {}, instanceTags: null });
  if (loaded.ok) return loaded.settings;
  throw new Error(describeMistakes("rehearsal", loaded.mistakes));
}

export function wholeSettings(seat: string): Settings {
  return settingsFrom(`seat: ${seat}
address: true
volumes:
  data: { mount: /srv/data, first: { sizeGib: 1, init: /usr/local/bin/init } }
ready: { tcp: 80, replace: true }
snapshots: { schedule: "*/5 * * * *" }
`);
}
