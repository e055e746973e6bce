// A process that rehearses, one flow after the other, whatever its parent asks for. The SDK finds its
// endpoints by the environment, which all of a process share: hence one region for each process.

import { type Job, rehearse } from "../rehearse.ts";

process.on("message", (job: Job) => {
  rehearse(job).then(
    (outcome) => process.send?.({ outcome }),
    (error: unknown) => {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ failure });
    },
  );
});
process.on("disconnect", () => process.exit(0));
