// Whether the service answers: a connection, a web request, or a command of the operator's. A "no" is
// a value with its reason; it is never a Failure, since a service that does not answer is the thing
// that is asked about. Each check keeps nothing open once it has its answer.

import { type IncomingMessage, request } from "node:http";
import { request as requestSecurely } from "node:https";
import { connect } from "node:net";
import { Failure } from "../domain/failure.ts";
import type { ReadyCheck } from "../domain/settings.ts";
import type { Units } from "./units.ts";

export type CheckAnswer = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface Checks {
  /** Settles within `timeoutMs`, or a little later where a command has to be killed. */
  check(check: ReadyCheck, timeoutMs: number): Promise<CheckAnswer>;
}

/** Of a command's output, enough to say why. */
const outputCharactersMax = 200;

export function checksPort({ units }: { readonly units: Pick<Units, "runCommand"> }): Checks {
  return {
    check(check, timeoutMs) {
      switch (check.kind) {
        case "tcp":
          return checkTcp(check.port, timeoutMs);
        case "http":
          return checkHttp(check.url, timeoutMs);
        case "command":
          return checkCommand(units, check.command, timeoutMs);
      }
    },
  };
}

function checkTcp(port: number, timeoutMs: number): Promise<CheckAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, signal: AbortSignal.timeout(timeoutMs) });
    const end = (answer: CheckAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end({ ok: true }));
    socket.once("error", (error) =>
      end({ ok: false, why: reason(`port ${port}`, error, timeoutMs) }),
    );
  });
}

/** Any 2xx; the body is not read. */
function checkHttp(url: string, timeoutMs: number): Promise<CheckAnswer> {
  const ask = url.startsWith("https:") ? requestSecurely : request;
  return new Promise((resolve) => {
    const answer = ({ statusCode = 0 }: IncomingMessage) => {
      const ok = statusCode >= 200 && statusCode < 300;
      asked.destroy();
      resolve(ok ? { ok } : { ok, why: `${url} answers ${statusCode}, wanted 2xx` });
    };
    const asked = ask(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, answer);
    // Stays after the answer: a destroyed request may still report what became of its socket.
    asked.on("error", (error) => resolve({ ok: false, why: reason(url, error, timeoutMs) }));
    // An answer that changes the protocol (101) is neither; after the others this changes nothing.
    asked.on("close", () => resolve({ ok: false, why: `${url} gives no answer of HTTP` }));
    asked.end();
  });
}

async function checkCommand(
  units: Pick<Units, "runCommand">,
  command: string,
  timeoutMs: number,
): Promise<CheckAnswer> {
  const asked = { command, timeoutMs, environment: {}, name: "ready" };
  const result = await units.runCommand(asked).catch(failureAsAnswer);
  if ("why" in result) return result;
  const { exitCode, output } = result;
  if (exitCode === 0) return { ok: true };
  const said = output === "" ? "" : `: ${output.slice(-outputCharactersMax)}`;
  return { ok: false, why: `"${command}" ended with ${exitCode ?? "a signal"}${said}` };
}

function reason(subject: string, error: Error, timeoutMs: number): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return `${subject} does not answer within ${timeoutMs} ms`;
  }
  return `${subject}: ${"code" in error ? String(error.code) : error.message}`;
}

/** That the command could not even be run, or did not end, is a "no" like any other. */
function failureAsAnswer(thrown: unknown): CheckAnswer & { readonly ok: false } {
  if (thrown instanceof Failure) return { ok: false, why: thrown.message };
  throw thrown;
}
