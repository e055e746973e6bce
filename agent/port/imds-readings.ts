// What the instance metadata says, as typed values. Each reading asks for a path and parses its body
// strictly: a body that is not what EC2 documents is a Failure that names the path and what was found,
// never a guess. A path that is absent is null, since that is how IMDS says "no".

import { Failure } from "../domain/failure.ts";
import { type InstanceId, type InterfaceId, instanceId, interfaceId } from "../domain/ids.ts";
import type { Imds } from "./imds.ts";

export interface Identity {
  readonly instanceId: InstanceId;
  /** As in "eu-west-1a". */
  readonly zone: string;
  readonly region: string;
  /** Of the first interface, as in "02:29:96:8f:6a:2d". */
  readonly mac: string;
  readonly interfaceId: InterfaceId;
  readonly privateIp: string;
}

export interface SpotAction {
  readonly action: "terminate" | "stop" | "hibernate";
  /** When it happens, in milliseconds since the epoch. */
  readonly timeMs: number;
}

export interface Maintenance {
  readonly eventId: string;
  /** As in "system-reboot". */
  readonly code: string;
  /** As in "active". */
  readonly state: string;
  readonly notBeforeMs: number;
}

/** Tags of the seat alone are read: each costs a request. */
const tagPrefix = "ec2-ha:";

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Who and where this instance is. None of it changes while it runs, so it is read once. */
export async function readIdentity(imds: Imds): Promise<Identity> {
  const mac = await required(imds, "mac", {
    wanted: "a MAC address",
    parse: matching(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/),
  });
  const eni = `network/interfaces/macs/${mac}/interface-id`;
  return {
    instanceId: await required(imds, "instance-id", { wanted: "an id", parse: instanceId }),
    zone: await required(imds, "placement/availability-zone", {
      wanted: "a zone",
      parse: matching(/^[a-z0-9-]+[a-z]$/),
    }),
    region: await required(imds, "placement/region", {
      wanted: "a region",
      parse: matching(/^[a-z]+(?:-[a-z]+)+-\d+$/),
    }),
    mac,
    interfaceId: await required(imds, eni, { wanted: "an interface id", parse: interfaceId }),
    privateIp: await required(imds, "local-ipv4", { wanted: "an address", parse: matching(ipv4) }),
  };
}

/** The state its group wants it in, as in "InService" or "Terminated"; null outside a group. */
export function readTargetState(imds: Imds): Promise<string | null> {
  return optional(imds, "autoscaling/target-lifecycle-state", {
    wanted: "a lifecycle state",
    parse: matching(/^[A-Z][A-Za-z]*(?::[A-Z][A-Za-z]*)*$/),
  });
}

/** The public addresses of an interface, which are none when there is no such path. */
export async function readPublicIps(imds: Imds, mac: string): Promise<readonly string[]> {
  const found = await optional(imds, `network/interfaces/macs/${mac}/public-ipv4s`, {
    wanted: "addresses, one a line",
    parse: (body) => {
      const lines = linesOf(body);
      return lines.every((line) => ipv4.test(line)) ? lines : null;
    },
  });
  return found ?? [];
}

/** The tags whose name begins with `ec2-ha:`; null when the instance does not show its tags. */
export async function readInstanceTags(
  imds: Imds,
): Promise<Readonly<Record<string, string>> | null> {
  const keys = await optional(imds, "tags/instance", { wanted: "tag names", parse: linesOf });
  if (keys === null) return null;
  const tags: Record<string, string> = {};
  for (const key of keys.filter((name) => name.startsWith(tagPrefix))) {
    const value = await imds.read(`meta-data/tags/instance/${key}`);
    // A tag may go between the list and the read.
    if (value !== null) tags[key] = value;
  }
  return tags;
}

/** The interruption that a spot instance was given notice of (two minutes ahead, best effort). */
export function readSpotAction(imds: Imds): Promise<SpotAction | null> {
  return optional(imds, "spot/instance-action", {
    wanted: '{"action": "terminate", "time": …}',
    parse: (body) => {
      const value = jsonObject(body);
      const timeMs = timeOf(value?.["time"]);
      const action = value?.["action"];
      if (timeMs === null) return null;
      if (action !== "terminate" && action !== "stop" && action !== "hibernate") return null;
      return { action, timeMs };
    },
  });
}

/** When EC2 recommended to rebalance this spot instance. */
export function readRebalance(imds: Imds): Promise<{ readonly noticeMs: number } | null> {
  return optional(imds, "events/recommendations/rebalance", {
    wanted: '{"noticeTime": …}',
    parse: (body) => {
      const noticeMs = timeOf(jsonObject(body)?.["noticeTime"]);
      return noticeMs === null ? null : { noticeMs };
    },
  });
}

/** Scheduled events: reboots, retirements, network maintenance. */
export async function readMaintenance(imds: Imds): Promise<readonly Maintenance[]> {
  const found = await optional(imds, "events/maintenance/scheduled", {
    wanted: 'a list of {"EventId", "Code", "State", "NotBefore"}',
    parse: (body) => {
      const list = json(body);
      if (!Array.isArray(list)) return null;
      const events = list.map(maintenanceOf);
      return events.every((event) => event !== null) ? events : null;
    },
  });
  return found ?? [];
}

function maintenanceOf(value: unknown): Maintenance | null {
  if (!isRecord(value)) return null;
  const { EventId: eventId, Code: code, State: state } = value;
  const notBeforeMs = timeOf(value["NotBefore"]);
  if (typeof eventId !== "string" || typeof code !== "string" || typeof state !== "string") {
    return null;
  }
  return notBeforeMs === null ? null : { eventId, code, state, notBeforeMs };
}

interface Reading<T> {
  readonly wanted: string;
  /** Null for a body that is not what was wanted. */
  readonly parse: (body: string) => T | null;
}

async function optional<T>(imds: Imds, path: string, reading: Reading<T>): Promise<T | null> {
  const body = await imds.read(`meta-data/${path}`);
  if (body === null) return null;
  const value = reading.parse(body);
  if (value !== null) return value;
  throw malformed(path, JSON.stringify(body.slice(0, 80)), reading.wanted);
}

async function required<T>(imds: Imds, path: string, reading: Reading<T>): Promise<T> {
  const value = await optional(imds, path, reading);
  if (value !== null) return value;
  // Early in a boot some paths are not there yet; whoever asked may ask again.
  throw new Failure({
    kind: "missing",
    refusal: "EHA-IMDS",
    action: "read",
    subject: `IMDS "meta-data/${path}"`,
    found: "nothing is there",
    next: `wanted ${reading.wanted}`,
  });
}

function malformed(path: string, found: string, wanted: string): Failure {
  return new Failure({
    kind: "broken",
    refusal: "EHA-IMDS",
    action: "read",
    subject: `IMDS "meta-data/${path}"`,
    found,
    next: `wanted ${wanted}`,
  });
}

function matching(pattern: RegExp): (body: string) => string | null {
  return (body) => (pattern.test(body) ? body : null);
}

function linesOf(body: string): readonly string[] {
  return body.split("\n").filter((line) => line !== "");
}

function timeOf(value: unknown): number | null {
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}

function jsonObject(body: string): Readonly<Record<string, unknown>> | null {
  const value = json(body);
  return isRecord(value) ? value : null;
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
