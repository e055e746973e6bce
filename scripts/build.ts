// `npm run build`: makes dist/ec2-ha-agent.mjs, the one file that an instance needs, and says how
// large it is. The file appears whole or not at all, so that a test or a demo beside this one never
// runs half a bundle.

import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "dist/ec2-ha-agent.mjs");

const code = await bundle({ root, entry: join(root, "agent/main.ts") });
await putWhole(target, code);
process.stdout.write(`dist/${basename(target)} ${(code.length / 1000).toFixed(0)} kB\n`);

async function putWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, bytes);
  await chmod(draft, 0o755);
  await rename(draft, path);
}
