// The order of what is done to machines and disks. Effects that share a machine, a volume or a
// snapshot run one after the other, in the order in which the calls that caused them were served;
// everything else runs side by side.

export interface Effects {
  /** Runs `work` once all earlier work with one of these keys has ended, well or badly. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createEffects(): Effects {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run: (keys, work) => {
      const earlier = keys.map((key) => tails.get(key) ?? Promise.resolve());
      const result = Promise.allSettled(earlier).then(work);
      const tail = result.catch(() => undefined);
      for (const key of keys) tails.set(key, tail);
      void tail.then(() => {
        for (const key of keys) if (tails.get(key) === tail) tails.delete(key);
      });
      return result;
    },
  };
}
