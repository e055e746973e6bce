// `node test/kill/main.ts before|withheld|after`: one rehearsal in an enclosure of its own. Its last line
// is what it found, as JSON; KILL_TRACE=1 prints the journals as they come.

import { runInOwnNamespaces } from "../region/machines/enclosure.ts";
import { rehearseAt } from "./rehearsal.ts";
import { points } from "./signs.ts";

const point = points.find((entry) => entry === process.argv[2]);

if (point === undefined) {
  process.stderr.write(
    `Cannot rehearse "${process.argv[2]}": wanted one of ${points.join(", ")}\n`,
  );
  process.exit(2);
}
await runInOwnNamespaces(async () => {
  process.stdout.write(`${JSON.stringify(await rehearseAt(point))}\n`);
  process.exit(0);
});
