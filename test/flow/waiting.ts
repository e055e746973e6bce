// Waiting for something to be so, for those rehearsals that run outside the test runner too.

/** Long enough for anything here on a busy machine. */
const patientlyMs = 15_000;
const intervalMs = 20;

/** The first answer that is wanted. Rejects with the last one when none is in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  isWanted: (found: T) => boolean,
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const found = await look();
    if (isWanted(found)) return found;
    if (performance.now() - startMs > patientlyMs) {
      throw new Error(`Cannot see ${what}: ${JSON.stringify(found)}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, intervalMs);
    });
  }
}
