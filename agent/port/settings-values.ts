// The values that settings are made of: each a schema whose message says what is wanted, with an
// example where words are not enough. A value is never bent to fit, but for what YAML itself does to
// octal digits.

import * as v from "valibot";
import { nearest } from "../domain/nearest.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The milliseconds of "90s", "5m", "2h" or "1d"; null for any other text. */
export function durationMs(text: unknown): number | null {
  const match = typeof text === "string" ? /^(\d{1,6})([smhd])$/.exec(text) : null;
  const unit = match?.[2];
  if (unit !== "s" && unit !== "m" && unit !== "h" && unit !== "d") return null;
  return Number(match?.[1]) * unitMs[unit];
}

/** A duration in milliseconds, between two others. */
export function duration(least: string, most: string) {
  const wanted = `a duration from ${least} to ${most}, as in "5m"`;
  const [leastMs, mostMs] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  const fits = (text: string) => {
    const ms = durationMs(text) ?? -1;
    return ms >= leastMs && ms <= mostMs;
  };
  return v.pipe(
    v.string(wanted),
    v.check(fits, wanted),
    v.transform((text) => durationMs(text) ?? 0),
  );
}

export function text(wanted: string, fits: (value: string) => boolean) {
  return v.pipe(v.string(wanted), v.check(fits, wanted));
}

/** An id of AWS's, by its parser. */
export function id<T extends string>(wanted: string, parse: (value: string) => T | null) {
  return v.pipe(
    v.string(wanted),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const found = parse(dataset.value);
      if (found !== null) return found;
      addIssue({ message: wanted });
      return NEVER;
    }),
  );
}

export function matching(wanted: string, pattern: RegExp) {
  return text(wanted, (value) => pattern.test(value));
}

export function whole(least: number, most: number) {
  const wanted = `a whole number from ${least} to ${most}`;
  const fits = (value: number) => Number.isInteger(value) && value >= least && value <= most;
  return v.pipe(v.number(wanted), v.check(fits, wanted));
}

export const flag = v.boolean("true or false");

/** A program by its absolute path, and its arguments; a shell runs it. */
export const command = matching("a command with an absolute path", /^\/[^\s\0]+(?:\s[^\0]*)?$/);

export const seatName = matching(
  'a name of a-z, 0-9 and "-", at most 32 characters (in quotes if it looks like a number), here or in the instance tag ec2-ha:seat',
  /^[a-z0-9-]{1,32}$/,
);

export const volumeName = matching(
  'a name of a-z, 0-9 and "-", at most 16 characters',
  /^[a-z0-9-]{1,16}$/,
);

/** Directories that the system itself lives in: a mount there hides it. */
const systemDirectories = new Set(
  ["", "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "tmp"]
    .concat(["usr", "usr/bin", "usr/lib", "usr/local", "usr/sbin", "var", "var/lib", "var/run"])
    .map((name) => `/${name}`),
);

/** What the kernel takes (PATH_MAX), less what is written below it. */
const pathBytesMax = 1024;

export const mountPath = text(
  'an absolute path without "..", of a directory that is not the system\'s, as in "/srv/data"',
  (path) =>
    /^(?:\/[A-Za-z0-9_@:+-][A-Za-z0-9._@:+-]*)+$/.test(path) &&
    !systemDirectories.has(path) &&
    !/^\/(?:dev|proc|sys)\//.test(path) &&
    path.length <= pathBytesMax,
);

export const owner = matching(
  'user:group, as in "postgres:postgres"',
  /^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,9}):(?:[a-z_][a-z0-9_-]{0,31}|\d{1,9})$/,
);

const modeWanted = 'three or four octal digits, as in "0750"';
/** YAML reads 0750 as the decimal number 750: the digits are what was meant. */
export const mode = v.pipe(
  v.union([v.string(modeWanted), v.number(modeWanted)], modeWanted),
  v.check((digits) => /^[0-7]{3,4}$/.test(String(digits)), modeWanted),
  v.transform((digits) => String(digits).padStart(4, "0")),
);

/** Names that systemd accepts (systemd.unit(5)), of the kinds that can be started and stopped. */
export const unitName = matching(
  'a systemd unit with its suffix, as in "postgresql.service"',
  /^(?!ec2-ha-agent\.)[A-Za-z0-9:_.@\\-]{1,200}\.(?:service|target|socket|timer|path)$/,
);

const optionWanted = 'mount options, as in ["noatime"]';
export const mountOptions = v.array(matching(optionWanted, /^[^\s,]{1,64}$/), optionWanted);

/** Two letters in the wrong place are a slip, but of a word as short as this are another word. */
const shortLetters = 5;

/** The type of an issue that says that a name is unknown. */
export const unknownName = "raw_check";

/** Settings by name, all of them known; each unknown one is a mistake of its own. */
export function table<const Entries extends v.ObjectEntries>(entries: Entries) {
  const names = Object.keys(entries);
  const wanted = (issue: v.LooseObjectIssue) => {
    const key = issue.path?.at(-1)?.key;
    const entry = names.includes(String(key)) ? entries[String(key)] : undefined;
    return entry === undefined ? "settings by name" : messageOf(entry);
  };
  return v.pipe(
    v.looseObject(entries, wanted),
    v.rawCheck(({ dataset, addIssue }) => {
      const input: unknown = dataset.value;
      if (!isRecord(input)) return;
      for (const key of Object.keys(input).filter((name) => !names.includes(name))) {
        const path = { type: "unknown", origin: "key", input, key, value: input[key] } as const;
        const [meant] = nearest(key, names, key.length < shortLetters ? 1 : 2);
        const hint = meant === undefined ? "" : `"${meant}", or `;
        addIssue({ message: `${hint}one of ${names.join(", ")}`, path: [path] });
      }
    }),
  );
}

function messageOf(schema: object): string {
  const message: unknown = "message" in schema ? schema.message : null;
  return typeof message === "string" ? message : "a value";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
