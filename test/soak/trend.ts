// Whether memory grows: a line fitted through samples that were taken right after a collection, and the
// growth that it means. The first third is warming up and does not count.

export interface Sample {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface Trend {
  /** Of the fitted line, for each cycle. */
  readonly slopeBytes: number;
  /** What the line gains over the cycles that count. */
  readonly growthBytes: number;
  readonly flat: boolean;
}

// What code that is compiled late, and caches that fill up once, have been seen to add.
const tolerated = { share: 0.05, bytes: 1_000_000 } as const;

export function trendOf(values: readonly number[]): Trend {
  const counted = values.slice(Math.floor(values.length / 3));
  const slopeBytes = slopeOf(counted);
  const growthBytes = slopeBytes * Math.max(0, counted.length - 1);
  const limit = Math.max(tolerated.bytes, meanOf(counted) * tolerated.share);
  return { slopeBytes, growthBytes, flat: growthBytes < limit };
}

/** By least squares, over the samples' numbers. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  const up = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const down = values.reduce((sum, _value, at) => sum + (at - middle) ** 2, 0);
  return down === 0 ? 0 : up / down;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
