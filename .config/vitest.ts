// How the tests run. Two files at a time, each in a process of its own, since many of them own
// mounts, ports and children; the timeouts suit real file systems and sockets on a busy machine,
// and a test that boots something states its own.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { tallyTo } from "../scripts/tally.ts";

const tallyFile = process.env["TALLY_FILE"];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // `.only` is for a desk, never for the tree.
    allowOnly: false,
    reporters: tallyFile === undefined ? ["default"] : ["default", tallyTo(tallyFile)],
  },
});
