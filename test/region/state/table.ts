// A table of unchangeable rows. Every change replaces a row, reports the change of its state as an
// event, and is remembered for a while, so that a call can be answered from the past: EC2's reads
// are eventually consistent, and a rehearsal must be able to show a stale one.

import type { EventKind, RegionEvent } from "./events.ts";

export interface Row {
  readonly id: string;
}

export interface Table<R extends Row> {
  get(id: string): R | undefined;
  /** In the order in which they were made. */
  all(): readonly R[];
  put(row: R): void;
  /** Replaces a row that is known to exist; anything else is a defect of the region. */
  change(id: string, patch: Partial<R>): R;
  remove(id: string): void;
  /** The table as it was; it cannot be changed. */
  asOf(atMs: number): Table<R>;
  /** The same rows, on their own from here on: nobody hears of what becomes of them. */
  scratch(): Table<R>;
}

export interface TableOptions<R extends Row> {
  readonly kind: EventKind | null;
  /** What an event calls the row's state; two rows of one state make no event. */
  readonly stateOf: (row: R) => string | null;
  readonly detailOf?: (row: R) => Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  readonly emit: (event: RegionEvent) => void;
  /** How far back `asOf` can look. */
  readonly historyMs: number;
}

interface Past<R> {
  readonly atMs: number;
  readonly id: string;
  readonly before: R | undefined;
}

export function createTable<R extends Row>(
  options: TableOptions<R>,
  initial: Iterable<readonly [string, R]> = [],
): Table<R> {
  const rows = new Map<string, R>(initial);
  const past: Past<R>[] = [];

  const replace = (id: string, after: R | undefined) => {
    const before = rows.get(id);
    remember(past, { atMs: options.nowMs(), id, before }, options.historyMs);
    if (after === undefined) rows.delete(id);
    else rows.set(id, after);
    report(options, before, after);
  };

  return {
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    put: (row) => replace(row.id, row),
    change: (id, patch) => {
      const row = rows.get(id);
      if (row === undefined) throw new Error(`Cannot change "${id}": there is no such row`);
      const after = { ...row, ...patch };
      replace(id, after);
      return after;
    },
    remove: (id) => {
      if (rows.has(id)) replace(id, undefined);
    },
    asOf: (atMs) => frozen(rewound(rows, past, atMs)),
    scratch: () => createTable({ ...options, kind: null, historyMs: 0 }, rows),
  };
}

function remember<R>(past: Past<R>[], entry: Past<R>, historyMs: number): void {
  if (historyMs === 0) return;
  past.push(entry);
  const keptFrom = past.findIndex((each) => each.atMs >= entry.atMs - historyMs);
  past.splice(0, keptFrom);
}

function report<R extends Row>(
  options: TableOptions<R>,
  before: R | undefined,
  after: R | undefined,
): void {
  const row = after ?? before;
  if (options.kind === null || row === undefined) return;
  const from = before === undefined ? null : options.stateOf(before);
  const to = after === undefined ? null : options.stateOf(after);
  if (from === to) return;
  const detail = options.detailOf?.(row) ?? {};
  options.emit({ atMs: options.nowMs(), kind: options.kind, id: row.id, from, to, detail });
}

function rewound<R>(
  rows: ReadonlyMap<string, R>,
  past: readonly Past<R>[],
  atMs: number,
): ReadonlyMap<string, R> {
  const then = new Map(rows);
  for (const entry of past.toReversed()) {
    if (entry.atMs <= atMs) break;
    if (entry.before === undefined) then.delete(entry.id);
    else then.set(entry.id, entry.before);
  }
  return then;
}

function frozen<R extends Row>(rows: ReadonlyMap<string, R>): Table<R> {
  const refuse = (): never => {
    throw new Error("Cannot change a table of the past: only reads may be stale");
  };
  return {
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    put: refuse,
    change: refuse,
    remove: refuse,
    asOf: refuse,
    scratch: () => frozen(rows),
  };
}
