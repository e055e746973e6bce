// Reads the operator's settings: the file, then the environment, then `--set`, each over the one
// before. Nothing is guessed and nothing is ignored: a key that is not known, or a value that does not
// fit, refuses the whole, and every mistake is reported at once, with its path and what was wanted.

import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { Failure } from "../domain/failure.ts";
import { legible } from "../domain/legible.ts";
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
const fileBytesMax = 64 * 1024;
/** Writable by the group and by everybody: whoever may write it runs commands as root. */
const groupWritable = 0o020;
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

/** More are one mistake, and the first ones show which. */
const mistakesMax = 25;
/** A path is as long as the keys that somebody wrote. */
const pathCharactersMax = 100;

/** Mistakes as the lines that an operator reads; `path` is the settings file's. */
export function describeMistakes(path: string, mistakes: readonly Mistake[]): string {
  const lines = mistakes.slice(0, mistakesMax).map(({ path: at, found, wanted }) => {
    const place = at === "" ? "" : `${legible(at, pathCharactersMax)}: `;
    return `  ${place}found ${legible(found)}, wanted ${legible(wanted)}`;
  });
  const more = mistakes.length - lines.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  return [`Cannot use the settings in "${legible(path)}":`, ...lines, ...rest].join("\n");
}

/**
 * The text of the settings file. Failure `missing`, `denied`, or `broken` when it is no file, is too
 * long, or may be written by anybody but root and the user that runs this program.
 */
export async function readSettingsFile(path: string): Promise<string> {
  // A pipe that nobody writes to would be waited for in the open itself.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw unopened(path, error);
    },
  );
  try {
    const status = await file.stat();
    if (!status.isFile()) throw unusable(path, "it is not a file", "name a file");
    refuseOpen(path, status);
    if (status.size > fileBytesMax) {
      throw unusable(path, `${status.size} bytes`, `wanted at most ${fileBytesMax}`);
    }
    return await file.readFile("utf8").catch((error: unknown) => {
      throw unopened(path, error);
    });
  } finally {
    await file.close();
  }
}

function refuseOpen(path: string, status: Stats): void {
  const { mode, uid, gid } = status;
  if ((mode & worldWritable) !== 0) {
    throw unusable(path, "everybody may write it", `run chmod o-w ${path}`);
  }
  if ((mode & groupWritable) !== 0 && gid !== 0) {
    throw unusable(path, `group ${gid} may write it`, `run chmod g-w ${path}`);
  }
  if (uid !== 0 && uid !== process.geteuid?.()) {
    throw unusable(path, `user ${uid} owns it, wanted root`, `run chown root ${path}`);
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
  const next = "see that this user may read it";
  return new Failure({ kind, action: "read", subject, found: code, next }, error);
}

function unusable(path: string, found: string, next: string): Failure {
  return new Failure({ kind: "broken", action: "read", subject: `"${path}"`, found, next });
}
