// The licences of what is inside the bundle, as a comment at its end: one file is all that an
// instance gets, so the notices that the licences ask for must be in it. Equal texts stand once.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Package {
  readonly name: string;
  readonly texts: readonly string[];
}

/** `inputs` are paths from `root`, as in esbuild's metafile. Rejects on a package without a licence. */
export async function notices(root: string, inputs: readonly string[]): Promise<Uint8Array> {
  const packages = await Promise.all(directories(inputs).map((path) => readPackage(root, path)));
  const namesByText = new Map<string, string[]>();
  for (const { name, texts } of packages) {
    for (const text of texts) namesByText.set(text, [...(namesByText.get(text) ?? []), name]);
  }
  const blocks = [...namesByText].map(([text, names]) => `${names.join(", ")}:\n\n${text}`);
  const body = ["Licences of the packages in this file", ...blocks].join("\n\n---\n\n");
  return Buffer.from(`/*\n${body.replaceAll("*/", "* /")}\n*/\n`);
}

function directories(inputs: readonly string[]): readonly string[] {
  const pattern = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
  const found = inputs.flatMap((input) => pattern.exec(input)?.[1] ?? []);
  return [...new Set(found)].toSorted();
}

async function readPackage(root: string, path: string): Promise<Package> {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const files = (await readdir(join(root, path))).filter((file) =>
    /^(licen[sc]e|notice)/i.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(root, path, file), "utf8")));
  if (texts.length > 0) return { name, texts: texts.map((text) => text.trim()) };
  throw new Error(`Cannot bundle ${name}: it has no licence file: look at its package`);
}
