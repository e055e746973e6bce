// What was found on a disk, in words, and whether it may be formatted: the last look before what cannot
// be undone. Only zeros may, and a format of our own that was cut off.

import type { Content } from "../port/disk-content.ts";

/** `uuid` is the one that our own format gives this volume. */
export function mayFormat(content: Content, uuid: string): boolean {
  return content.kind === "blank" || (content.kind === "filesystem" && content.uuid === uuid);
}

export function inWords(content: Content): string {
  switch (content.kind) {
    case "blank":
      return "nothing";
    case "filesystem":
      return `a file system (${content.type})`;
    case "foreign":
      return content.what;
    case "unreadable":
      return `what cannot be read (${content.why})`;
  }
}
