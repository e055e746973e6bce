// When something is due, and nothing else: what is then done, and whether two of them may overlap, is
// the caller's affair. All in UTC, so that no day has 23 hours. The cron library has been seen to stop
// for good at a clock change (node-cron #492, #509), so a watch of our own compares the time it should
// have fired with the clock, says the missed run itself, and starts the library's timer anew.

import { createTask, type Logger, type ScheduledTask, validateDetailed } from "node-cron";
import type { Clock } from "../domain/clock.ts";

export interface RunningSchedule {
  stop(): void;
  /** When it is due next, in milliseconds since the epoch; null for never, or when it is overdue. */
  nextDueMs(): number | null;
}

export interface Schedules {
  /**
   * Calls `onDue` once for each run of a cron expression, with the minute it was due at. A run missed
   * while the machine slept is said late, and of several missed ones only the first.
   */
  start(expression: string, onDue: (dueAtMs: number) => void): RunningSchedule;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** How often the watch looks: a missed run is at most this late, plus the grace below. */
const watchMs = 30_000;
/** The library may fire late on a busy machine; beyond this it has not fired at all. */
const graceMs = 30_000;
/** Four years hold every date there is, 29 February too. */
const horizonDays = 4 * 365 + 1;
/** Any fixed first day does; a leap year's makes the horizon whole. */
const horizonStartMs = Date.UTC(2024, 0, 1);

/** The library may not print anything of its own. */
const silent: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};
const inUtc = { timezone: "UTC", logger: silent, suppressMissedWarning: true } as const;

export function schedulePort({ clock }: { readonly clock: Clock }): Schedules {
  return { start: (expression, onDue) => start(clock, expression, onDue) };
}

/** What is wrong with a five-field cron expression, in a few words; null for a good one. */
export function cronMistake(expression: string): string | null {
  const fields = expression.trim().split(/\s+/).length;
  if (fields !== 5) return `${fields} fields`;
  const { valid, errors } = validateDetailed(expression);
  // Cron means "either" by two restricted days, this library means "both": neither is guessed at.
  if (valid) return restrictsBothDays(expression) ? "a day of month and a day of week" : null;
  return errors.map((error) => `${error.field} ${error.value ?? ""}`.trim()).join(", ");
}

function restrictsBothDays(expression: string): boolean {
  const [, , dayOfMonth, , dayOfWeek] = expression.trim().split(/\s+/);
  return [dayOfMonth, dayOfWeek].every((field) => field !== "*" && field !== "?");
}

/**
 * The longest time between two runs of a valid expression, in milliseconds, or null for one that runs
 * less than twice in four years (29 February). What may be lost in between is at most this much.
 */
export function cronLongestGapMs(expression: string): number | null {
  const times = timesOfDay(expression);
  const task = createTask(expression, () => undefined, inUtc);
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  let longestMs = longestWithinDay(times);
  let previousMs: number | null = null;
  let days = 0;
  for (let day = 0; day < horizonDays; day += 1) {
    const startMs = horizonStartMs + day * dayMs;
    if (!task.match(new Date(startMs + first))) continue;
    if (previousMs !== null) longestMs = Math.max(longestMs, startMs + first - previousMs);
    previousMs = startMs + last;
    days += 1;
  }
  void task.destroy();
  return days * times.length < 2 ? null : longestMs;
}

/** When it runs on a day that it runs on, in milliseconds since midnight, ascending. */
function timesOfDay(expression: string): readonly number[] {
  const { fields } = validateDetailed(expression);
  const { hour = [], minute = [] } = fields ?? {};
  const times = hour.flatMap((hours) => minute.map((minutes) => (hours * 60 + minutes) * minuteMs));
  return times.toSorted((left, right) => left - right);
}

function longestWithinDay(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

function start(
  clock: Clock,
  expression: string,
  onDue: (dueAtMs: number) => void,
): RunningSchedule {
  let lastSaidMs: number | null = null;
  const say = (dateMs: number) => {
    const dueAtMs = Math.floor(dateMs / minuteMs) * minuteMs;
    if (lastSaidMs !== null && dueAtMs <= lastSaidMs) return;
    lastSaidMs = dueAtMs;
    expectedMs = nextOf(task);
    onDue(dueAtMs);
  };

  let task = begin(expression, say);
  let expectedMs = nextOf(task);
  const watch = () => {
    if (expectedMs !== null && clock.nowMs() > expectedMs + graceMs) {
      const missedMs = expectedMs;
      void task.destroy();
      task = begin(expression, say);
      expectedMs = nextOf(task);
      say(missedMs);
    }
    // A clock that was set back makes the next run earlier than was expected.
    const nextMs = nextOf(task);
    if (nextMs !== null && nextMs < (expectedMs ?? Number.POSITIVE_INFINITY)) expectedMs = nextMs;
  };
  const stopWatch = clock.every(watchMs, watch);

  return {
    stop: () => {
      stopWatch();
      void task.destroy();
    },
    nextDueMs: () => {
      const nextMs = nextOf(task);
      return nextMs === null || nextMs <= clock.nowMs() ? null : nextMs;
    },
  };
}

function begin(expression: string, say: (dateMs: number) => void): ScheduledTask {
  const task = createTask(expression, ({ date }) => say(date.getTime()), inUtc);
  task.on("execution:missed", ({ date }) => say(date.getTime()));
  void task.start();
  return task;
}

function nextOf(task: ScheduledTask): number | null {
  return task.getNextRun()?.getTime() ?? null;
}
