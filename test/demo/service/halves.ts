// A ledger in two halves on two volumes, for the control of the snapshots. Each number goes to the
// first half, is flushed, and only then goes to the second: at every instant the first is equal to
// the second or one ahead. A cut through both at one instant shows the same; a torn one does not.
//
//   halves.ts FIRST_DIRECTORY SECOND_DIRECTORY      counts until it is killed

import { fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const fileName = "count";
const widthBytes = 16;

export interface Halves {
  readonly first: number;
  readonly second: number;
}

export function readHalves(firstDirectory: string, secondDirectory: string): Halves {
  return { first: readCount(firstDirectory), second: readCount(secondDirectory) };
}

/** What every atomic cut satisfies. */
export const isWhole = ({ first, second }: Halves): boolean =>
  first === second || first === second + 1;

export const writeCount = (file: number, count: number): void => {
  writeSync(file, String(count).padStart(widthBytes, "0"), 0);
  fdatasyncSync(file);
};

const readCount = (directory: string): number =>
  Number(readFileSync(join(directory, fileName), "utf8"));

function countForever(directories: readonly string[]): never {
  const files = directories.map((directory) => openSync(join(directory, fileName), "w"));
  for (let count = 1; ; count += 1) {
    for (const file of files) writeCount(file, count);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  countForever(process.argv.slice(2));
}
