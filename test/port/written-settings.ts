// Settings as tests write them: a whole file, and the ways to load a text that must be accepted or
// refused.

import type { Settings } from "../../agent/domain/settings.ts";
import { describeMistakes, loadSettings, type SettingsSource } from "../../agent/port/settings.ts";

/** The settings of the manual, every part of them. */
export const full = `
seat: orders-db
address: true
volumes:
  data:
    mount: /var/lib/postgresql
    filesystem: xfs
    options: [noatime]
    owner: postgres:postgres
    mode: 0750
    first: { sizeGib: 100, type: gp3, encrypted: true, init: /usr/local/bin/init-db }
    restore: { type: gp3, initializationMibps: 200 }
units: [postgresql.service]
ready: { tcp: 5432, within: 5m, replace: false }
snapshots: { schedule: "*/5 * * * *", freeze: false, keep: { latest: 4, hourly: 24, daily: 7 } }
maxDataLoss: 20m
patience: 2m
hooks: { launch: db/launch }
`;

export function load(text: string, changes: Partial<SettingsSource> = {}) {
  return loadSettings({ text, overrides: [], environment: {}, instanceTags: null, ...changes });
}

export function accepted(text: string, changes: Partial<SettingsSource> = {}): Settings {
  const outcome = load(text, changes);
  if (!outcome.ok) throw new Error(describeMistakes("settings", outcome.mistakes));
  return outcome.settings;
}

/** The mistakes, each as "path: found: wanted". */
export function refused(text: string, changes: Partial<SettingsSource> = {}): readonly string[] {
  const outcome = load(text, changes);
  if (outcome.ok) throw new Error("expected mistakes");
  return outcome.mistakes.map(({ path, found, wanted }) => `${path}: ${found}: ${wanted}`);
}

/** A seat with an address, and what else is written below it. */
export const seat = (rest: string) => `seat: x\naddress: true\n${rest}`;

/** Such a seat with one volume, by the inside of its braces. */
export const volume = (rest: string) => seat(`volumes: { data: { mount: /srv/data, ${rest} } }`);
