// AWS's clock apart from its callers': every time in an answer is told by it. The region itself goes on by
// the clock it was made with, so that nothing in it happens earlier or later for a step.

type Output = Record<string, unknown>;

/** The answer with all its times moved by so much. */
export function shifted(output: Output, skewMs: number): Output {
  if (skewMs === 0) return output;
  return Object.fromEntries(
    Object.entries(output).map(([name, value]) => [name, moved(value, skewMs)]),
  );
}

function moved(value: unknown, skewMs: number): unknown {
  if (value instanceof Date) return new Date(value.getTime() + skewMs);
  if (Array.isArray(value)) return value.map((each) => moved(each, skewMs));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, moved(inner, skewMs)]),
  );
}
