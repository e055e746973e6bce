// The kernel's list of mounts, as proc(5) documents it. A line that does not parse is a Failure: a
// mount that is overlooked could be mounted twice, or thought free.

import { Failure } from "../domain/failure.ts";

export interface Mount {
  /** Of the file system's device, as in "259:1". */
  readonly majorMinor: string;
  /** The directory of the file system that is seen here; "/" for the whole. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly type: string;
  /** As in "/dev/nvme1n1"; what the kernel was told, which may be anything. */
  readonly source: string;
}

/** In the kernel's order: of several at one mount point the last one is on top. */
export function parseMountinfo(text: string): readonly Mount[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map(parseLine);
}

function parseLine(line: string): Mount {
  // id parent major:minor root mountPoint options [optional…] - type source superOptions
  const [before = "", after = ""] = line.split(" - ", 2);
  const [, , majorMinor = "", root, mountPoint, options] = before.split(" ");
  const [type, source] = after.split(" ");
  const placed = root !== undefined && root !== "" && mountPoint?.startsWith("/") === true;
  const named = type !== undefined && type !== "" && source !== undefined;
  if (!placed || !named || options === undefined || !/^\d+:\d+$/.test(majorMinor)) {
    throw new Failure({
      kind: "broken",
      action: "read",
      subject: "mountinfo",
      found: JSON.stringify(line.slice(0, 120)),
      next: "wanted a line of proc(5)",
    });
  }
  return {
    majorMinor,
    root: unescape(root),
    mountPoint: unescape(mountPoint),
    options: options.split(","),
    type,
    source: unescape(source),
  };
}

/** Space, tab, newline, backslash and "#" are written as three octal digits. */
function unescape(text: string): string {
  const escaped = /((?:\\[0-7]{3})+)/g;
  return text.replace(escaped, (run) =>
    Buffer.from(
      run
        .split("\\")
        .slice(1)
        .map((digits) => Number.parseInt(digits, 8)),
    ).toString(),
  );
}
