// Reads the operator's settings: the file, then the environment, then `--set`, each over the one
// before. Nothing is guessed and nothing is ignored: a key that is not known, or a value that does not
// fit, refuses the whole, and every mistake is reported at once, with its path and what was wanted.

import { open } from "node:fs/promises";
import { Failure } from "../domain/failure.ts";
import type { Settings } from "../domain/settings.ts";
import { ruleMistakes } from "./settings-rules.ts";
import { checkShape } from "./settings-shape.ts";
import { readSource } from "./settings-source.ts";

export interface Mistake {
  /** Where, as in "volumes.data.mount"; empty for the whole. */
  readonly path: string;
  /** As JSON where it is a value, as in `"5 minutes"`. */
  readonly found: string;
  readonly wanted: string;
}

export interface SettingsSource {
  /** The YAML of the settings file. */
  readonly text: string;
  /** `--set` arguments in their order, as in "snapshots.keep.latest=8". An empty value takes away. */
  readonly overrides: readonly string[];
  /** Read for EC2_HA_SEAT (the seat) and EC2_HA_SET (overrides, separated by ";"). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The seat's name is taken from the tag `ec2-ha:seat` when nothing else names it. */
  readonly instanceTags: Readonly<Record<string, string>> | null;
}

export type SettingsOutcome =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** No settings file comes near; anything longer is not one. */
const fileBytesMax = 1024 * 1024;
/** Writable by everybody: whoever may write it runs commands as root. */
const worldWritable = 0o002;

/** The settings with every default filled in, or every mistake in them. */
export function loadSettings(source: SettingsSource): SettingsOutcome {
  const { raw, mistakes } = readSource(source);
  if (mistakes.length > 0) return { ok: false, mistakes };
  const shape = checkShape(raw);
  const all = [...shape.mistakes, ...ruleMistakes(raw)];
  if (shape.settings === null || all.length > 0) return { ok: false, mistakes: all };
  return { ok: true, settings: shape.settings };
}

/** Mistakes as the lines that an operator reads; `path` is the settings file's. */
export function describeMistakes(path: string, mistakes: readonly Mistake[]): string {
  const lines = mistakes.map(({ path: at, found, wanted }) => {
    const place = at === "" ? "" : `${at}: `;
    return `  ${place}found ${found}, wanted ${wanted}`;
  });
  return [`Cannot use the settings in "${path}":`, ...lines].join("\n");
}

/**
 * The text of the settings file. Failure `missing`, `denied`, or `broken` when it is no file, is too
 * long, or may be written by everybody.
 */
export async function readSettingsFile(path: string): Promise<string> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw unopened(path, error);
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw unusable(path, "it is not a file", "name a file");
    if ((status.mode & worldWritable) !== 0) {
      throw unusable(path, "everybody may write it", `run chmod o-w ${path}`);
    }
    if (status.size > fileBytesMax) {
      throw unusable(path, `${status.size} bytes`, `wanted at most ${fileBytesMax}`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function unopened(path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const subject = `"${path}"`;
  if (code === "ENOENT") {
    const found = "there is no such file";
    const next = "write one, or name another with --config";
    return new Failure({ kind: "missing", action: "read", subject, found, next }, error);
  }
  const kind = code === "EACCES" || code === "EPERM" ? "denied" : "broken";
  return new Failure({ kind, action: "read", subject, found: code }, error);
}

function unusable(path: string, found: string, next: string): Failure {
  return new Failure({ kind: "broken", action: "read", subject: `"${path}"`, found, next });
}
