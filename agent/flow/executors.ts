// One executor for each step: the only code that changes the world. The map's type makes a step
// without an executor an error. Each does one small thing, reports what it found, and throws a
// Failure when it cannot know; whether to try again is decided in one place, by the loop.

import { diskExecutors } from "./executors-disks.ts";
import { groupExecutors } from "./executors-group.ts";
import { leaseExecutors } from "./executors-lease.ts";
import type { Executors } from "./executors-type.ts";
import { unitExecutors } from "./executors-units.ts";
import { volumeExecutors } from "./executors-volumes.ts";
import type { Ports } from "./ports.ts";

export type { Executors } from "./executors-type.ts";

export function executorsOf(ports: Ports): Executors {
  return {
    ...leaseExecutors(ports),
    ...volumeExecutors(ports),
    ...diskExecutors(ports),
    ...unitExecutors(ports),
    ...groupExecutors(ports),
  };
}
