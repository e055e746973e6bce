// Faults between the agents and the region that a test turns on and off. The operator's own calls, and
// whatever no rule is about, always pass.

import type { Fate, Intercept, SeenRequest } from "../region/wire/intercept.ts";

export interface Faults {
  readonly intercept: Intercept;
  /** Every request of an agent from now on; null lets it pass. */
  inject(rule: (request: SeenRequest) => Fate | null): void;
  /** The next so many calls of this action only; returns how many are yet to come. */
  next(action: string, fate: Fate, count?: number): () => number;
}

const pass: Fate = { kind: "perform" };

export const throttled: Fate = {
  kind: "refuse",
  code: "RequestLimitExceeded",
  message: "Request limit exceeded.",
  status: 503,
};

export const denied: Fate = {
  kind: "refuse",
  code: "UnauthorizedOperation",
  message: "You are not authorized to perform this operation.",
  status: 403,
};

export function createFaults(): Faults {
  let rule: (request: SeenRequest) => Fate | null = () => null;
  return {
    intercept: async (request) => {
      const operator = request.instanceId === null;
      return operator ? pass : (rule(request) ?? pass);
    },
    inject(wanted) {
      rule = wanted;
    },
    next(action, fate, count = 1) {
      let left = count;
      rule = ({ what }) => {
        if (what !== action || left === 0) return null;
        left -= 1;
        return fate;
      };
      return () => left;
    },
  };
}
