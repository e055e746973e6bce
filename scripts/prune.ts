// What the bundle leaves out. The AWS SDK describes every shape of a service in one module, which
// for EC2 is most of a naive bundle: it starts in 180 ms and idles at 100 MB where this one starts
// in 115 ms and idles at 76 MB. Nothing here may change what the code that stays does.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

interface SchemaPruning {
  readonly plugin: Plugin;
  /** Throws if the SDK's schemas no longer look as this file expects. */
  verify(): void;
}

// The clients whose schemas must have been seen; others come along with the credential providers
// and are dropped whole.
const clients = ["client-ec2", "client-auto-scaling"] as const;

/**
 * The schemas are arrays with keys like `{ [_eQN]: "Name" }`, and a computed key might run code,
 * so that no bundler dares to drop an unused one. Here each becomes the constant it names.
 */
export function pruneSchemas(): SchemaPruning {
  const seen = new Set<string>();
  const plugin: Plugin = {
    name: "prune-schemas",
    setup(build) {
      build.onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
        const contents = withConstantKeys(path, await readFile(path, "utf8"));
        seen.add(clients.find((client) => path.includes(client)) ?? path);
        return { contents, loader: "js" };
      });
    },
  };
  const verify = (): void => {
    const missing = clients.find((client) => !seen.has(client));
    if (missing === undefined) return;
    throw new Error(`Cannot prune the schemas of ${missing}: none was found: look at the SDK`);
  };
  return { plugin, verify };
}

/** Exported for its test. Throws when a key is not one of the file's own string constants. */
export function withConstantKeys(path: string, source: string): string {
  const constants = new Map<string, string>();
  for (const [, name, text] of source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)) {
    if (name !== undefined && text !== undefined) constants.set(name, text);
  }
  const pruned = source.replace(/([{,]\s*)\[(\w+)\]:/g, (_, before: string, name: string) => {
    const text = constants.get(name);
    if (text !== undefined) return `${before}${text}:`;
    throw new Error(`Cannot prune ${path}: the key ${name} is no constant of it: look at the SDK`);
  });
  if (pruned === source) throw new Error(`Cannot prune ${path}: it has no keys: look at the SDK`);
  return pruned;
}

// - The default chain of credential providers (files, SSO, STS, processes): the agent names where
//   its credentials come from. Reached, the stand-in says so.
// - bowser reads the user agent of browsers.
const leftOut: Readonly<Record<string, string>> = {
  "@aws-sdk/credential-provider-node": `export function defaultProvider() {
    throw new Error("Cannot find credentials: a client was made without a provider");
  }`,
  bowser: "export {};",
};

export const leaveOut: Plugin = {
  name: "leave-out",
  setup(build) {
    build.onResolve({ filter: /^(@aws-sdk\/credential-provider-node|bowser)$/ }, ({ path }) => ({
      path,
      namespace: "left-out",
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => {
      const contents = leftOut[path];
      if (contents === undefined) throw new Error(`Cannot leave out ${path}: it has no stand-in`);
      return { contents, loader: "js" };
    });
  },
};

/** yaml gives Node its CommonJS build, which cannot be shaken; its ES modules are "for browsers". */
export const yamlAsModule: Plugin = {
  name: "yaml-as-module",
  setup(build) {
    build.onResolve({ filter: /^yaml$/ }, ({ resolveDir }) => {
      const manifest = createRequire(join(resolveDir, "x.js")).resolve("yaml/package.json");
      return { path: join(dirname(manifest), "browser/dist/index.js"), sideEffects: false };
    });
  },
};
