// One ES module out of the agent and the libraries it uses. Names are kept, since a stack trace in
// a journal is read by people and mangling them saves neither start-up time nor memory (measured:
// 240 kB of disk). The same sources give the same bytes, wherever the tree lies.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { notices } from "./notices.ts";
import { leaveOut, pruneSchemas, yamlAsModule } from "./prune.ts";

export interface BundleOptions {
  /** The directory that has package.json and node_modules. */
  readonly root: string;
  /** The module that is run. */
  readonly entry: string;
}

// pino and what it needs are CommonJS and require Node's own modules at run time.
const banner = `#!/usr/bin/env node
import { createRequire as requireOf } from "node:module";
const require = requireOf(import.meta.url);`;

/** Rejects when anything in the bundle is not as expected; warnings count. */
export async function bundle(options: BundleOptions): Promise<Uint8Array> {
  const schemas = pruneSchemas();
  const result = await build({
    absWorkingDir: options.root,
    entryPoints: [options.entry],
    write: false,
    outfile: "ec2-ha-agent.mjs",
    metafile: true,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.12",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    // What a licence asks for stands at the end, whole, rather than where a comment says so.
    legalComments: "none",
    banner: { js: banner },
    define: { EC2_HA_AGENT_VERSION: JSON.stringify(await version(options.root)) },
    plugins: [schemas.plugin, leaveOut, yamlAsModule],
    logLevel: "silent",
  });
  const warning = result.warnings[0];
  if (warning !== undefined) throw new Error(`Cannot bundle the agent: ${warning.text}`);
  schemas.verify();
  const code = result.outputFiles[0];
  if (code === undefined) throw new Error("Cannot bundle the agent: esbuild wrote nothing");
  return Buffer.concat([code.contents, await notices(options.root, contained(result.metafile))]);
}

/** The files of which something is left in the bundle. */
function contained(metafile: Metafile): readonly string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

async function version(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    if (typeof manifest.version === "string") return manifest.version;
  }
  throw new Error("Cannot bundle the agent: package.json has no version");
}
