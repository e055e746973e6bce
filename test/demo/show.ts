// One demo from the first launch to its numbers: raises the stage, starts the client, lets the plot
// run, and asks the restored side what is there. It decides nothing about what good numbers are, and
// leaves the stage standing: that ends with the program.

import type { Clock } from "../../agent/domain/clock.ts";
import { createLedger, type Ledger } from "./client/ledger.ts";
import { startProber } from "./client/prober.ts";
import { readBack } from "./client/reader.ts";
import { startWriter } from "./client/writer.ts";
import { type Cause, failoversOf, type Span } from "./failovers.ts";
import type { Init, Pattern } from "./options.ts";
import { play } from "./plot.ts";
import { lostIn, prove } from "./proof.ts";
import type { Result } from "./report.ts";
import type { Durability } from "./service/store.ts";
import { spansOf } from "./spans.ts";
import { type Backend, raise, type Stage } from "./stage.ts";
import { createStory, type Story } from "./story.ts";
import type { Terminal } from "./terminal.ts";

export interface Show {
  readonly pattern: Pattern;
  readonly causes: readonly Cause[];
  /** Answers that each life must give. */
  readonly answersMin: number;
  readonly speed: number;
  readonly durability: Durability;
  readonly init: Init;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly terminal: Terminal;
}

/** What the client found out and, for the stateful pattern, what the database says. */
type Findings = Pick<Result, "acknowledged" | "lost" | "evidence">;

interface Client {
  stop(): Promise<void>;
  /** After the stop. */
  findings(): Promise<Findings>;
}

export async function show(options: Show): Promise<Result> {
  const { terminal, clock, pattern, causes, speed, backend } = options;
  const story = createStory();
  const { addEvent: onEvent, addLog: onLog } = story;
  const stage = await raise({ ...options, onEvent, onLog });
  terminal.tell(`The Elastic IP is ${stage.baseUrl}; AWS's delays run ${speed} times as fast`);
  const ledger = createLedger();
  const client = clients[pattern](stage, ledger, clock);
  await playOn(options, { stage, ledger, story });
  await client.stop();
  const findings = await client.findings();
  const lives = ledger.lives();
  const failovers = failoversOf(causes, lives, byClient(spansOf(story.events()), clock));
  const livesWanted = causes.length + 1;
  return { pattern, backend, speed, lives, livesWanted, failovers, ...findings };
}

interface Scene {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly story: Story;
}

async function playOn({ causes, answersMin, clock, terminal }: Show, scene: Scene): Promise<void> {
  const { story } = scene;
  let sinceMs = clock.nowMs();
  const missed = await play({
    ...scene,
    causes,
    answersMin,
    clock,
    onBlow: (cause, instanceId) => {
      sinceMs = clock.nowMs();
      terminal.tell(`${announcements[cause]} ${instanceId}`);
    },
    onLife: (index, { instanceId, zone }) => {
      terminal.tell(`Life ${index + 1} answers: ${instanceId} in ${zone}`);
    },
    onEnough: (index, life) => {
      const title = index === 0 ? "First boot" : `Take-over ${index}`;
      terminal.show([title, ...story.tell(sinceMs, clock.nowMs())]);
      terminal.tell(`${life.acknowledged} answers from ${life.instanceId}`);
    },
  });
  if (missed === null) return;
  terminal.show(["What happened", ...story.tell(sinceMs, clock.nowMs())]);
  terminal.tell(`Cannot go on: ${missed}`);
}

const announcements: Readonly<Record<Cause, string>> = {
  hook: "An operator replaces (TerminateInstanceInAutoScalingGroup)",
  crash: "The host fails, no hook runs: end of",
};

const clients: Readonly<Record<Pattern, (stage: Stage, ledger: Ledger, clock: Clock) => Client>> = {
  stateful: startWriting,
  address: startAsking,
};

// Enough that the database never waits for the client; more would only take the machine's time.
const connections = 2;

function startWriting({ baseUrl }: Stage, ledger: Ledger, clock: Clock): Client {
  const seed = String(clock.random());
  const writer = startWriter({ baseUrl, seed, connections, ledger, clock });
  return {
    stop: writer.stop,
    findings: async () => {
      const proof = prove(ledger.all(), await readBack(baseUrl, clock), seed);
      const { acknowledged, missing, wrong, rows, integrity } = proof;
      const evidence = [
        `${acknowledged} acknowledged writes; the database holds ${rows} rows, read back from it`,
        `${missing.length} missing, ${wrong.length} with a wrong value, SQLite's check: ${integrity}`,
      ];
      return { acknowledged, lost: lostIn(proof), evidence };
    },
  };
}

function startAsking({ baseUrl }: Stage, ledger: Ledger, clock: Clock): Client {
  const prober = startProber(baseUrl, ledger, clock);
  return {
    stop: prober.stop,
    findings: async () => {
      const { asked, answered } = prober.counts();
      const evidence = [`asked ${asked} times, ${answered} good answers; there is no data to lose`];
      return { acknowledged: answered, lost: 0, evidence };
    },
  };
}

/** The region tells wall time; the client's ledger is monotonic. */
function byClient(spans: readonly Span[], clock: Clock): readonly Span[] {
  const offsetMs = clock.nowMs() - clock.monotonicMs();
  return spans.map(({ what, fromMs, untilMs }) => ({
    what,
    fromMs: fromMs - offsetMs,
    untilMs: untilMs - offsetMs,
  }));
}
