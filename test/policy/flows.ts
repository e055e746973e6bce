// Every flow of a seat, as a play that ends when its goal is reached and rejects when it is not in time.
// A goal counts what the agent does in passing as well: its sign of life, its heartbeat. None of
// them knows which permission it is there to show; that is found out by recording.

import { PutLifecycleHookCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeAddressesCommand, DisassociateAddressCommand } from "@aws-sdk/client-ec2";
import type { StepName } from "../../agent/domain/steps.ts";
import { type Executors, executorsOf } from "../../agent/flow/executors.ts";
import { expiring } from "../../agent/flow/expiring.ts";
import { pursue } from "../../agent/flow/pursue.ts";
import { planSnapshot } from "../../agent/plan/snapshots.ts";
import type { PaperAgent, StageOptions } from "../flow/stage.ts";
import { eventually } from "../flow/waiting.ts";
import { clearing } from "./clearing.ts";
import {
  arriving,
  besides,
  crash,
  holding,
  type Scene,
  serving,
  succeeded,
  tagged,
  terminate,
  untilServing,
  widen,
} from "./scene.ts";

export interface Flow {
  readonly name: string;
  readonly stage?: StageOptions;
  readonly play: (scene: Scene) => Promise<void>;
}

/** Long enough for heartbeats: a launch on paper is over before the first is due. */
const unitStartMs = 20_000;

const firstBoot: Flow = {
  name: "first boot",
  async play(scene) {
    const agent = await arriving(scene, ({ machine }) => {
      machine.onStart = () => scene.stage.clock.sleep(unitStartMs);
      return undefined;
    });
    await untilServing(scene, agent);
    await holding(agent);
    await tagged(scene, "taking");
    await succeeded(
      scene,
      "a heartbeat",
      ({ action }) => action === "RecordLifecycleActionHeartbeat",
    );
  },
};

/** Where an instance is longer about going than anybody waits, its successor has to take the address off it. */
const lingering: StageOptions = {
  region: { extraMs: ({ kind }) => (kind === "terminate" ? 60_000 : 0) },
};

const gracefulMove: Flow = {
  name: "graceful move to the other zone",
  stage: lingering,
  async play(scene) {
    const first = await serving(scene);
    await terminate(scene, first);
    const second = await serving(scene);
    await holding(second);
  },
};

const crashMove: Flow = {
  name: "crash, and a recovery set for the other zone",
  async play(scene) {
    const first = await serving(scene);
    await crash(scene, first);
    await holding(await serving(scene));
  },
};

const sameZoneMove: Flow = {
  name: "move within the zone",
  async play(scene) {
    const first = await serving(scene);
    const { zone } = first.observer.identity;
    const other = scene.stage.region.world.zoneOutage;
    const away = zone.endsWith("a") ? zone.replace(/a$/, "b") : zone.replace(/b$/, "a");
    await other(away, true);
    await terminate(scene, first);
    await holding(await serving(scene));
  },
};

const reboot: Flow = {
  name: "reboot",
  async play(scene) {
    const first = await serving(scene);
    await holding(first);
    await first.stop();
    // A machine that knows nothing of mounts and units any more.
    const again = await scene.stage.boot(first.instanceId, scene.settings);
    again.run().catch(() => undefined);
    await holding(again);
  },
};

const fencedTaker: Flow = {
  name: "a silent taker is fenced",
  // Whether a group ends an instance that it is still launching is not known for certain.
  stage: { region: { rules: { terminateBusy: "ends-it" } } },
  async play(scene) {
    const silent = await arriving(scene, (agent) => stoppingAfter(agent, "associate"));
    await eventually(
      "the silent one",
      () => silent.mind.memory.opening,
      (found) => found !== null,
    );
    await widen(scene);
    const look = async () => (await scene.stage.lifecycleOf(silent.instanceId)) !== "Pending:Wait";
    const other = await besides(scene, silent);
    await eventually("the silent one fenced", look, (gone) => gone);
    await untilServing(scene, other);
  },
};

const fencedHolder: Flow = {
  name: "a silent holder in Terminating is fenced, whoever else has a hook there",
  async play(scene) {
    const first = await serving(scene);
    await scene.stage.region.autoScaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: scene.stage.seat.groupName,
        LifecycleHookName: "another",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      }),
    );
    await first.stop();
    await terminate(scene, first);
    await serving({ ...scene, settings: named(scene) });
  },
};

const replacement: Flow = {
  name: "a service that stopped answering is replaced",
  async play(scene) {
    const first = await serving(scene);
    await holding(first);
    first.machine.answer = { ok: false, why: "down" };
    const look = () => scene.stage.lifecycleOf(first.instanceId);
    await eventually("the replacement", look, (state) => !state.startsWith("InService"));
  },
};

const reassociation: Flow = {
  name: "an address that came loose is taken back",
  async play(scene) {
    const first = await serving(scene);
    await holding(first);
    const { ec2 } = scene.stage.region;
    const input = { AllocationIds: [scene.stage.seat.allocationId] };
    const describe = async () => {
      const { Addresses: found = [] } = await ec2.send(new DescribeAddressesCommand(input));
      return found[0]?.AssociationId ?? "";
    };
    const AssociationId = await describe();
    const shown = () => scene.stage.region.world.metadata(first.instanceId)?.publicIps.join() ?? "";
    await eventually("the address in IMDS", shown, (ips) => ips === scene.stage.seat.publicIp);
    await scene.stage.clock.sleep(8_000);
    await ec2.send(new DisassociateAddressCommand({ AssociationId }));
    await eventually("another association", describe, (id) => id !== "" && id !== AssociationId);
    await holding(first);
  },
};

const manualSnapshot: Flow = {
  name: "snapshot by hand",
  async play(scene) {
    const { observer, mind } = await serving(scene);
    await eventually(
      "the holder",
      () => mind.phase,
      (phase) => phase === "holding the seat",
    );
    const wish = { setId: `${scene.settings.seat}/manual/1`, reason: "manual" } as const;
    const limit = { clock: observer.ports.clock, durationMs: 60_000, others: [] };
    const ending = await expiring(limit, (signal) =>
      pursue({ observer, mind, signal, plan: (view) => planSnapshot(view, wish) }),
    );
    const taken = mind.facts?.sets.some(({ setId }) => setId === wish.setId) ?? false;
    if (!taken) throw new Error(`Cannot see the set "${wish.setId}": ${ending.kind}`);
  },
};

/** The other hook is somebody else's: the settings have to say which is the agent's. */
function named({ settings, stage }: Scene): Scene["settings"] {
  const { launchHookName: launch, terminationHookName: terminate } = stage.seat;
  return { ...settings, hooks: { launch, terminate } };
}

/** The agent's own executors; once the named step is done, it is silent. */
function stoppingAfter(agent: PaperAgent, last: StepName): Executors {
  const executors = executorsOf(agent.observer.ports);
  const perform = executors[last] as (args: never) => ReturnType<Executors[StepName]>;
  return {
    ...executors,
    async [last](args: never) {
      const outcome = await perform(args);
      void agent.stop();
      return outcome;
    },
  };
}

/** Of a seat with an address and volumes. */
export const statefulFlows: readonly Flow[] = [
  firstBoot,
  gracefulMove,
  crashMove,
  sameZoneMove,
  reboot,
  fencedTaker,
  fencedHolder,
  replacement,
  reassociation,
  manualSnapshot,
  clearing,
];

/** Of a seat with an address alone. */
export const addressFlows: readonly Flow[] = [firstBoot, gracefulMove, replacement];

/** Where keys, seeds and a named address make the difference. */
export const specialFlows: readonly Flow[] = [firstBoot, gracefulMove];
