// The processes that rehearse, two at a time, and the queue before them.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job, Outcome } from "./rehearse.ts";

export interface Crew {
  readonly size: number;
  rehearse(job: Job): Promise<Outcome>;
  dismiss(): void;
}

type Reply = { readonly outcome: Outcome } | { readonly failure: string };

const program = fileURLToPath(new URL("worker/main.ts", import.meta.url));

export function createCrew(size: number): Crew {
  const idle: ChildProcess[] = [];
  const all: ChildProcess[] = [];
  const waiting: ((worker: ChildProcess) => void)[] = [];

  async function take(): Promise<ChildProcess> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.length < size) {
      const worker = fork(program, { serialization: "advanced", stdio: "inherit" });
      all.push(worker);
      return worker;
    }
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  function giveBack(worker: ChildProcess): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  }

  return {
    size,
    async rehearse(job) {
      const worker = await take();
      try {
        return await ask(worker, job);
      } finally {
        giveBack(worker);
      }
    },
    dismiss() {
      for (const worker of all) worker.disconnect();
    },
  };
}

function ask(worker: ChildProcess, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null) => {
      reject(new Error(`Cannot rehearse "${job.flow}": the process ended with ${code}`));
    };
    worker.once("exit", end);
    worker.once("message", (reply: Reply) => {
      worker.off("exit", end);
      if ("outcome" in reply) resolve(reply.outcome);
      else reject(new Error(reply.failure));
    });
    worker.send(job);
  });
}
