// Writes XML: elements and text, nothing else. Text is escaped here and nowhere else, so that a
// tag's value can hold whatever a user typed.

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

export const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function text(value: string): string {
  return value.replace(/[&<>"\r]/g, (character) => entities[character] ?? character);
}

/** `content` is XML already; `attributes` is written as given. */
export function element(name: string, content: string, attributes = ""): string {
  const opening = attributes === "" ? name : `${name} ${attributes}`;
  return content === "" ? `<${opening}/>` : `<${opening}>${content}</${name}>`;
}
