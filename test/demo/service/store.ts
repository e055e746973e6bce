// The database that the stateful demo puts on the seat's volume: SQLite, one commit per write.
// What `put` returns from is durable when the store was opened as `durable`; the `careless` one
// differs in nothing but SQLite's settings, and exists so that the demo can be shown to catch it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** `careless` returns from a commit before anything was flushed: a liar, for the controls. */
export type Durability = "durable" | "careless";

export type Pair = readonly [key: number, value: string];

export interface Store {
  /** Commits before it returns. A key that is there already takes the new value. */
  put(key: number, value: string): void;
  /** Pairs with keys above `after`, in order of keys. */
  read(after: number, limit: number): readonly Pair[];
  /** What SQLite's own check says: "ok", or what is wrong. */
  check(): string;
  close(): void;
}

// Without checkpoints the careless log is only ever appended to, so that a crash takes the end of
// it away and nothing else: the demo then counts lost writes where it would find a torn file.
const settings: Readonly<Record<Durability, string>> = {
  durable: "PRAGMA synchronous = FULL",
  careless: "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0",
};

export function openStore(directory: string, durability: Durability): Store {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, "pairs.sqlite"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE IF NOT EXISTS pairs (key INTEGER PRIMARY KEY, value TEXT NOT NULL)");
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec(settings[durability]);
  const insert = database.prepare(
    "INSERT INTO pairs VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const select = database.prepare(
    "SELECT key, value FROM pairs WHERE key > ? ORDER BY key LIMIT ?",
  );
  const check = database.prepare("PRAGMA integrity_check(1)");
  return {
    put: (key, value) => {
      insert.run(key, value);
    },
    read: (after, limit) =>
      select.all(after, limit).map((row) => [Number(row["key"]), String(row["value"])] as const),
    check: () => String(check.get()?.["integrity_check"]),
    close: () => database.close(),
  };
}
