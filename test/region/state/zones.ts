// Which Availability Zones are out of order. Work that a zone owes (a snapshot that completes, an
// instance that ends) waits here until the zone is back.

export interface Zones {
  isOut(zone: string): boolean;
  /** Resolves at once where the zone works, else when it is back. */
  working(zone: string): Promise<void>;
  set(zone: string, on: boolean): void;
}

export function createZones(): Zones {
  const waiting = new Map<string, (() => void)[]>();
  return {
    isOut: (zone) => waiting.has(zone),
    working: (zone) =>
      new Promise((resolve) => {
        const queue = waiting.get(zone);
        if (queue === undefined) resolve();
        else queue.push(resolve);
      }),
    set: (zone, on) => {
      if (on) {
        if (!waiting.has(zone)) waiting.set(zone, []);
        return;
      }
      const queue = waiting.get(zone) ?? [];
      waiting.delete(zone);
      for (const resume of queue) resume();
    },
  };
}
