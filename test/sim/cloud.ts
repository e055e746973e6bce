// The region as one agent reaches it, without a socket: the SDK's commands go to the region's state
// machines as they are, and what those refuse comes back as the SDK would throw it. Everything on
// the way passes the hazards.

import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { Failure } from "../../agent/domain/failure.ts";
import type { Aws, Clients } from "../../agent/port/aws.ts";
import { failureOf } from "../../agent/port/aws-failures.ts";
import type { Imds } from "../../agent/port/imds.ts";
import { type ApiCall, ApiError, type MetadataView, type Service } from "../region/contract.ts";
import { type Category, metadataTree } from "../region/imds/tree.ts";
import type { World } from "../region/state/world.ts";
import { type Asked, awsError, type Hazards } from "./hazards.ts";
import { ask, type Life } from "./process.ts";
import type { Timeline } from "./timeline.ts";

export interface Cloud {
  readonly timeline: Timeline;
  readonly world: World;
  readonly hazards: Hazards;
  /** Sees each call as it leaves its instance. */
  readonly onSend: (call: ApiCall) => void;
}

export interface Visitor {
  readonly instanceId: string;
  readonly life: Life;
  readonly disturb: Asked["disturb"];
  /** Nothing gets out of the instance while this says so. */
  readonly isCutOff: () => boolean;
}

interface Command {
  readonly input: object;
}

export function simulatedAws(cloud: Cloud, visitor: Visitor): Aws {
  const send = (service: Service) => (command: Command) =>
    sendCommand(cloud, visitor, { service, command });
  // The ports use nothing of a client but this.
  const ec2 = { send: send("ec2") } as unknown as EC2Client;
  const autoScaling = { send: send("autoscaling") } as unknown as AutoScalingClient;
  const options = { abortSignal: new AbortController().signal };
  const clients: Clients = {
    async ec2(deed, work) {
      return guarded(deed, () => work(ec2, options));
    },
    async autoScaling(deed, work) {
      return guarded(deed, () => work(autoScaling, options));
    },
  };
  return { reading: clients, writing: clients, renew: () => undefined, abandon: () => undefined };
}

async function guarded<T>(
  deed: Parameters<typeof failureOf>[0],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw failureOf(deed, thrown);
  }
}

function sendCommand(
  { timeline, world, hazards, onSend }: Cloud,
  visitor: Visitor,
  { service, command }: { readonly service: Service; readonly command: Command },
): Promise<object> {
  const action = command.constructor.name.replace(/Command$/, "");
  const { instanceId, life, disturb } = visitor;
  const caller = callerOf(world, instanceId);
  const call: ApiCall = { service, action, input: { ...command.input }, caller };
  onSend(call);
  const { refused, ...passage } = hazards.onCall({ what: action, by: instanceId, disturb });
  const cut = { arrivesMs: null, answersMs: null, otherwise: { afterMs: 15_000, error: silence } };
  return ask({
    timeline,
    life,
    passage: visitor.isCutOff() ? cut : passage,
    async effect() {
      if (refused !== null) throw refused;
      try {
        return await world.call(call);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        throw awsError(error.code, error.status, error.message);
      }
    },
  });
}

function silence(): Error {
  return awsError("TimeoutError", 0, "the network is down");
}

function callerOf(world: World, instanceId: string) {
  const view = world.metadata(instanceId);
  const accountId = view?.accountId ?? "123456789012";
  return {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/seat/${instanceId}`,
    instanceId,
  };
}

export function simulatedImds(cloud: Cloud, visitor: Visitor): Imds {
  const { timeline, world, hazards } = cloud;
  const { instanceId, life } = visitor;
  return {
    async read(path) {
      const effect = async () => {
        const view = world.metadata(instanceId);
        return view === null ? null : bodyAt(view, path, timeline.nowMs());
      };
      const passage = hazards.onMetadata({ by: instanceId });
      try {
        return await ask({ timeline, life, passage, effect });
      } catch {
        const found = "no answer within 1000 ms";
        throw new Failure({ kind: "transient", action: "read", subject: `IMDS "${path}"`, found });
      }
    },
  };
}

function bodyAt(view: MetadataView, path: string, nowMs: number): string | null {
  let here: Category | undefined = metadataTree({ view, credentials: null, nowMs });
  for (const part of path.replace(/^meta-data\//, "").split("/")) {
    here = typeof here === "string" ? undefined : here?.get(part);
  }
  if (here === undefined) return null;
  return typeof here === "string" ? here : [...here.keys()].join("\n");
}
