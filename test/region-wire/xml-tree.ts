// XML as a tree of elements, for what the two services answer: a declaration, elements with at most a
// namespace, and text. Anything else in it is a mistake of the wire, and is refused.

export interface XmlElement {
  readonly name: string;
  /** The default namespace that it declares; null for none. */
  readonly namespace: string | null;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Open {
  readonly name: string;
  readonly namespace: string | null;
  text: string;
  readonly children: XmlElement[];
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

export function parseXml(document: string): XmlElement {
  const content = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, "");
  const top: Open = { name: "", namespace: null, text: "", children: [] };
  const path: Open[] = [top];
  for (const [part] of content.matchAll(/<[^>]+>|[^<]+/g)) {
    const at = path.at(-1);
    if (at === undefined) throw new Error("Cannot read the answer: it ends more than it began");
    if (!part.startsWith("<")) at.text += unescaped(part);
    else if (part.startsWith("</")) close(path, part.slice(2, -1));
    else path.push(opened(part));
    if (part.endsWith("/>")) close(path, path.at(-1)?.name ?? "");
  }
  const [root] = top.children;
  if (root === undefined || path.length > 1) throw new Error(`Cannot read the answer: ${document}`);
  return root;
}

function opened(tag: string): Open {
  const found = tag.match(/^<([A-Za-z][\w]*)(?: xmlns="([^"]*)")?\s*\/?>$/);
  const [, name, namespace = null] = found ?? [];
  if (name === undefined) throw new Error(`Cannot read the tag ${tag}`);
  return { name, namespace, text: "", children: [] };
}

function close(path: Open[], name: string): void {
  const ended = path.pop();
  if (ended?.name !== name) throw new Error(`Cannot end "${name}": "${ended?.name}" is open`);
  path.at(-1)?.children.push(ended);
}

function unescaped(text: string): string {
  return text.replaceAll(/&\w+;/g, (entity) => entities[entity] ?? entity);
}
