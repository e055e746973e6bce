// Holds an answer against what a page documents: every documented element must be there with a value
// of its form, and no element may be there that the service's model does not know. The order of
// elements says nothing.

import type { NormalizedSchema } from "@smithy/core/schema";
import type { Documented } from "./example.ts";
import type { XmlElement } from "./xml-tree.ts";

/** What is missing or has another form, as lines to read; none where all is as documented. */
export function differences(found: XmlElement, wanted: Documented, path = ""): readonly string[] {
  if (typeof wanted === "string") {
    return found.text === wanted && found.children.length === 0
      ? []
      : [`${path}: "${shown(found)}" is not "${wanted}"`];
  }
  if (wanted instanceof RegExp) {
    return wanted.test(shown(found)) ? [] : [`${path}: "${shown(found)}" is not ${wanted}`];
  }
  if (Array.isArray(wanted)) return listDifferences(found, wanted[0], path);
  return Object.entries(wanted).flatMap(([name, part]) => {
    const child = found.children.find((each) => each.name === name);
    const place = path === "" ? name : `${path}/${name}`;
    return child === undefined ? [`${place}: it is not there`] : differences(child, part, place);
  });
}

/** One of the entries must be as documented; where none is, what the first lacks is told. */
function listDifferences(list: XmlElement, wanted: Documented, path: string): readonly string[] {
  const entries = ["item", "member", "Error"];
  const strays = list.children.filter(({ name }) => !entries.includes(name));
  if (strays.length > 0) return [`${path}: it has an entry called "${strays[0]?.name}"`];
  if (list.children.length === 0) return [`${path}: it is empty`];
  const each = list.children.map((entry) => differences(entry, wanted, `${path}[]`));
  return each.some((entry) => entry.length === 0) ? [] : (each[0] ?? []);
}

/** The elements, by path, that the model of the operation's output does not have. */
export function strangers(
  found: XmlElement,
  schema: NormalizedSchema,
  known: ReadonlySet<string>,
): readonly string[] {
  if (schema.isStructSchema()) {
    const members = new Map(
      [...schema.structIterator()].map(([name, member]) => [
        member.getMemberTraits().xmlName ?? name,
        member,
      ]),
    );
    return found.children
      .filter((child) => !known.has(child.name))
      .flatMap((child) => {
        const member = members.get(child.name);
        return member === undefined ? [child.name] : strangers(child, member, none);
      });
  }
  if (!schema.isListSchema()) {
    return found.children.map((child) => child.name).filter((name) => !known.has(name));
  }
  const entry = schema.getValueSchema();
  return found.children.flatMap((child) => strangers(child, entry, none));
}

const none: ReadonlySet<string> = new Set();

function shown(element: XmlElement): string {
  return element.children.length === 0 ? element.text : `<${element.children[0]?.name}>…`;
}
