// What the agent says of itself: JSON lines on standard output, which systemd keeps, or plain lines on
// a terminal. One line when a step starts and one when it ends, with its milliseconds and ids, so that
// the journal of a failover can be read as a story and measured as a chart.

import { pino, stdTimeFunctions } from "pino";
import type { Clock } from "../domain/clock.ts";
import type { Failure } from "../domain/failure.ts";

type Details = Readonly<Record<string, unknown>>;

export interface Journal {
  started(step: string, details: Details): void;
  done(step: string, milliseconds: number, details: Details): void;
  failed(step: string, milliseconds: number, failure: Failure): void;
  info(message: string, details: Details): void;
  refused(code: string, message: string): void;
  /** A failure of the world that is sat out or tried again. */
  trouble(failure: Failure): void;
}

export interface JournalOptions {
  readonly clock: Clock;
  readonly destination: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export function journalPort({ clock, destination }: JournalOptions): Journal {
  const target = destination.isTTY === true ? plainLines(destination) : destination;
  const log = pino({ base: null, timestamp: stdTimeFunctions.isoTime }, target);
  const at = () => ({ monotonicMs: Math.round(clock.monotonicMs()) });
  return {
    started: (step, details) =>
      log.info({ ...at(), step, phase: "started", with: details }, `${step} started`),
    done: (step, ms, details) =>
      log.info({ ...at(), step, phase: "done", ms, with: details }, `${step} done in ${ms} ms`),
    failed: (step, ms, failure) =>
      log.warn({ ...at(), step, phase: "failed", ms, kind: failure.kind }, failure.message),
    info: (message, details) => log.info({ ...at(), ...details }, message),
    refused: (code, message) => log.error({ ...at(), code }, message),
    trouble: (failure) =>
      log.warn({ ...at(), kind: failure.kind, code: failure.details.code }, failure.message),
  };
}

/** For a person at a terminal: the time of day and the message. */
function plainLines(terminal: NodeJS.WritableStream): { write(line: string): void } {
  return {
    write(line) {
      const time = /"time":"[^"T]*T([^"Z]*)Z"/.exec(line)?.[1] ?? "";
      // pino writes the message last; a quote inside of it is escaped, so that this finds the key.
      const message: unknown = JSON.parse(`{${line.slice(line.lastIndexOf('"msg":'))}`);
      const text = typeof message === "object" && message !== null && "msg" in message;
      terminal.write(`${time} ${text ? String(message.msg) : line}\n`);
    },
  };
}
