// One instance from the inside: a machine of paper, and on it the agent, as systemd keeps it: started
// at boot, started again a moment after its death, told to stop when the machine powers off. A
// process that is killed leaves mounts, units and calls under way as they are.

import type { Settings } from "../../agent/domain/settings.ts";
import type { PaperDisks } from "../flow/paper-disks.ts";
import { createPaperMachine, type PaperMachine } from "../flow/paper-machine.ts";
import { type Incarnation, startAgent } from "./agent.ts";
import { createChance } from "./chance.ts";
import type { Cloud } from "./cloud.ts";

export interface Computer {
  readonly instanceId: string;
  machine: PaperMachine;
  isOn(): boolean;
  boot(): void;
  /** The power cord. */
  cut(): void;
  /** Asks the agent to release, and waits for it as long as systemd would. */
  shutDown(): Promise<void>;
  /** `shutdown -h now`, from inside. */
  powerSelfOff(): Promise<void>;
  killAgent(restartMs: number): void;
  /** The agent and the service stand still. */
  freeze(durationMs: number): void;
  isFrozen(): boolean;
  /** No call gets out for so long. */
  cutOff(durationMs: number): void;
}

export interface ComputerOptions {
  readonly cloud: Cloud;
  readonly disks: PaperDisks;
  readonly instanceId: string;
  readonly settings: Settings;
  readonly seed: string;
  readonly say: (line: string) => void;
  /** A defect of the agent: it must never end by an error. */
  readonly onDefect: (error: unknown) => void;
}

/** systemd's TimeoutStopSec, as the unit sets it. */
const stopMsMax = 300_000;

export function createComputer(options: ComputerOptions): Computer {
  const { cloud, disks, instanceId, seed } = options;
  const { timeline } = cloud;
  const chance = createChance(`${seed}/${instanceId}`);
  let power = false;
  let frozenUntilMs = 0;
  let cutOffUntilMs = 0;
  const systemd = supervise(timeline, (boot) => {
    if (!power) return null;
    const isCutOff = () => timeline.nowMs() < cutOffUntilMs;
    return startAgent(options, { computer, chance: chance.fork(`agent ${boot}`), isCutOff });
  });
  const computer: Computer = {
    instanceId,
    machine: createPaperMachine(disks, instanceId),
    isOn: () => power,
    boot() {
      power = true;
      computer.machine = createPaperMachine(disks, instanceId);
      systemd.startIn(chance.between(500, 4_000));
    },
    cut() {
      power = false;
      systemd.kill();
      releaseDisks(disks, computer.machine);
    },
    async shutDown() {
      computer.machine.power = "poweroff";
      systemd.agent()?.powerOff.abort();
      const endMs = timeline.nowMs() + stopMsMax;
      while (power && systemd.agent()?.ended === false && timeline.nowMs() < endMs) {
        await new Promise<void>((resolve) => timeline.after(1_000, resolve));
      }
      computer.cut();
    },
    async powerSelfOff() {
      await computer.shutDown();
      disks.machines.powerSelfOff(instanceId);
    },
    killAgent(restartMs) {
      systemd.kill();
      systemd.startIn(restartMs);
    },
    freeze(durationMs) {
      frozenUntilMs = timeline.nowMs() + durationMs;
      systemd.agent()?.life.pause(durationMs);
    },
    isFrozen: () => timeline.nowMs() < frozenUntilMs,
    cutOff(durationMs) {
      cutOffUntilMs = timeline.nowMs() + durationMs;
    },
  };
  return computer;
}

/** There is one agent at most: it is started again only once it is dead. */
function supervise(timeline: Cloud["timeline"], start: (boot: number) => Incarnation | null) {
  let boots = 0;
  let agent: Incarnation | null = null;
  let cancelStart = (): void => undefined;
  return {
    agent: () => agent,
    startIn(delayMs: number): void {
      cancelStart();
      cancelStart = timeline.after(delayMs, () => {
        boots += 1;
        agent = start(boots);
      });
    },
    kill(): void {
      cancelStart();
      agent?.life.kill();
    },
  };
}

function releaseDisks(disks: PaperDisks, machine: PaperMachine): void {
  for (const volumeId of machine.mountedVolumes()) disks.machines.setBusy(volumeId, false);
}
