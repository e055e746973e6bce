// The commands, each a short use of the flows. All but `run` and `snapshot` look once, change nothing,
// print, and end; what they print is made in report.ts.

import type { Decision, Refusal } from "../domain/decision.ts";
import { instant } from "../domain/mark.ts";
import { newMind, runDaemon } from "../flow/daemon.ts";
import { expiring } from "../flow/expiring.ts";
import { observe } from "../flow/observe.ts";
import type { Observer } from "../flow/ports.ts";
import { pursue } from "../flow/pursue.ts";
import { planLaunch } from "../plan/launch.ts";
import { remember } from "../plan/memory.ts";
import { planSnapshot } from "../plan/snapshots.ts";
import type { View } from "../plan/view.ts";
import type { Arguments } from "./arguments.ts";
import { complain, exit, misuse } from "./endings.ts";
import { explain } from "./explain.ts";
import { printedPolicy } from "./policy.ts";
import { type Report, reportPlan, reportSets, reportStatus } from "./report.ts";
import { watchSignals } from "./signals.ts";
import { readSettings, wire } from "./wiring.ts";

// A boot waits for IMDS as long as it takes; systemd restarts us if it is really not there.
const bootMs = 10 * 60_000;
const promptMs = 5_000;

export async function runAgent(given: Arguments): Promise<number> {
  const signals = watchSignals();
  const { asked: stop } = signals;
  const wired = await wire({ arguments: given, patienceMs: bootMs, stop });
  // Told to end while it waited for IMDS: that is no failure of the unit.
  if (!wired.ok) return stop.aborted ? exit.done : complain(wired.ending);
  const { observer } = wired;
  observer.ports.journal.info("starting", { seat: observer.settings.seat, ...observer.identity });
  await runDaemon({ observer, ...signals.over(observer.ports.units) });
  observer.ports.journal.info("stopped", {});
  return exit.done;
}

export function planOnce(given: Arguments): Promise<number> {
  return withView(given, (view) => {
    const decision = planLaunch(view);
    return { report: reportPlan(decision), code: codeOf(decision) };
  });
}

export function printStatus(given: Arguments): Promise<number> {
  return withView(given, (view) => ({
    report: reportStatus(view.settings, view.facts),
    code: exit.done,
  }));
}

export function printSets(given: Arguments): Promise<number> {
  return withView(given, (view) => ({
    report: reportSets(view.settings, view.facts.sets),
    code: exit.done,
  }));
}

// The call is the point in time; only the call is waited for.
const snapshotMs = 60_000;

export async function snapshotNow(given: Arguments): Promise<number> {
  const wired = await wire({ arguments: given, patienceMs: promptMs });
  if (!wired.ok) return complain(wired.ending);
  const { observer } = wired;
  const { clock } = observer.ports;
  const setId = `${observer.settings.seat}/manual/${instant(clock.nowMs())}`;
  const mind = newMind();
  const hindrance = new AbortController();
  let hindered = "it took too long";
  // Somebody waits for this: what time does not heal is said at once.
  const onRefusal = ({ code, message }: Refusal): void => {
    hindered = `${code}: ${message}`;
    hindrance.abort();
  };
  const limit = { clock, durationMs: snapshotMs, others: [hindrance.signal] };
  const plan = (view: View) => planSnapshot(view, { setId, reason: "manual" });
  const ending = await expiring(limit, (signal) =>
    pursue({ observer, mind, signal, plan, onRefusal }),
  );
  const taken = mind.facts?.sets.some((set) => set.setId === setId) ?? false;
  const why = ending.kind === "done" ? ending.why : hindered;
  print(given, { data: { setId, taken, why }, text: why });
  return taken ? exit.done : exit.failed;
}

/** Needs the settings alone: the policy comes before the instance. */
export async function printPolicy(given: Arguments): Promise<number> {
  const settings = await readSettings(given);
  if (!settings.ok) return complain(settings.ending);
  process.stdout.write(printedPolicy(settings.value, given.policy));
  return exit.done;
}

/** Needs neither settings nor an instance. */
export function explainCode(given: Arguments): number {
  const explained = explain(given.subject);
  if (!explained.ok) return complain(misuse("EHA-USAGE", explained.message));
  print(given, explained.report);
  return exit.done;
}

async function withView(
  given: Arguments,
  work: (view: View) => { report: Report; code: number },
): Promise<number> {
  const wired = await wire({ arguments: given, patienceMs: promptMs });
  if (!wired.ok) return complain(wired.ending);
  const { report, code } = work(await lookOnce(wired.observer));
  print(given, report);
  return code;
}

async function lookOnce(observer: Observer): Promise<View> {
  const { memory } = newMind();
  const facts = await observe(observer, memory, { facts: null, scope: { kind: "all" } });
  const view: View = { settings: observer.settings, facts, memory };
  return { ...view, memory: remember(view) };
}

function codeOf(decision: Decision): number {
  return decision.kind === "refuse" ? exit.failed : exit.done;
}

function print(given: Arguments, report: Report): void {
  process.stdout.write(given.json ? `${JSON.stringify(report.data)}\n` : `${report.text}\n`);
}
