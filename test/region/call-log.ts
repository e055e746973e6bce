// Notes every call that reached the region and how it ended, for journals and benchmarks. It
// changes nothing about the call.

import { type Api, type ApiCall, ApiError, Unanswered } from "./contract.ts";

export interface CallRecord extends ApiCall {
  readonly startMs: number;
  readonly endMs: number;
  /** null where it succeeded, else the code it was refused with, or `no answer`. */
  readonly refusal: string | null;
}

export type CallListener = (record: CallRecord) => void;

export interface CallLog {
  readonly api: Api;
  /** Calls `listener` after each call; the returned function ends that. */
  on(listener: CallListener): () => void;
}

export function createCallLog(api: Api, nowMs: () => number): CallLog {
  const listeners = new Set<CallListener>();

  async function call(call: ApiCall): Promise<Record<string, unknown>> {
    const startMs = nowMs();
    const tell = (refusal: string | null): void => {
      const record = { ...call, startMs, endMs: nowMs(), refusal };
      for (const listener of listeners) listener(record);
    };
    try {
      const output = await api.call(call);
      tell(null);
      return output;
    } catch (error) {
      tell(refusalOf(error));
      throw error;
    }
  }

  return {
    api: { call },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function refusalOf(error: unknown): string {
  if (error instanceof ApiError) return error.code;
  return error instanceof Unanswered ? "no answer" : "defect";
}
