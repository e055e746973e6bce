// Tells the operator's own commands what happened. They run beside everything else and are never
// waited for: a notice that hangs must not hold up a failover.

import { Failure } from "../domain/failure.ts";
import type { Observer } from "./ports.ts";

export type Notice = "taken" | "released" | "refused" | "lease-lost";

const noticeMs = 30_000;

export function notify(observer: Observer, notice: Notice, text = ""): void {
  const { settings, ports } = observer;
  const environment = { EC2_HA_EVENT: notice, EC2_HA_SEAT: settings.seat, EC2_HA_MESSAGE: text };
  for (const command of settings.notify) {
    ports.units.runCommand({ command, timeoutMs: noticeMs, environment, name: "notify" }).then(
      (result) => {
        if (result.exitCode !== 0) {
          ports.journal.info("a notify command failed", { command, exitCode: result.exitCode });
        }
      },
      (thrown: unknown) => {
        if (!(thrown instanceof Failure)) throw thrown;
        ports.journal.trouble(thrown);
      },
    );
  }
}
