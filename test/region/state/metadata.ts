// What IMDS tells an instance. Each fact reaches it some time after it became true, so the rows keep
// what is shown beside what is so; the agent must bear the difference.

import type { MetadataView } from "../contract.ts";
import { type Region, sleep } from "./region.ts";
import type { Instance, Shown } from "./resources.ts";

export const nothingShown: Shown = {
  publicIps: [],
  target: null,
  credentials: false,
  spotAction: null,
  rebalanceNotice: null,
};

/** null where no machine runs: nobody is there to ask. */
export function metadataOf(region: Region, instanceId: string): MetadataView | null {
  const instance = region.instances.get(instanceId);
  if (instance === undefined || instance.machine !== "on") return null;
  const { shown } = instance;
  return {
    instanceId,
    imageId: instance.imageId,
    instanceType: instance.type,
    mac: instance.mac,
    interfaceId: instance.interfaceId,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    privateIp: instance.privateIp,
    publicIps: shown.publicIps,
    zone: instance.zone,
    zoneId: region.zones.find((zone) => zone.name === instance.zone)?.id ?? "",
    region: region.name,
    accountId: region.accountId,
    targetLifecycleState: shown.target,
    spotInstanceAction: shown.spotAction,
    rebalanceNoticeTime: shown.rebalanceNotice,
    scheduledEvents: [],
    tags: instance.metadataTags ? instance.tags : null,
    userData: instance.userData,
    roleName: shown.credentials ? instance.roleName : null,
  };
}

/**
 * The public addresses an instance has by right: its Elastic IP, else the one of its subnet, which
 * goes when it stops ("Amazon EC2 instance IP addressing" in the EC2 user guide).
 */
export function publicIpsOf(region: Region, instance: Instance): readonly string[] {
  const elastic = region.addresses
    .all()
    .filter((address) => address.association?.instanceId === instance.id)
    .map((address) => address.publicIp);
  if (elastic.length > 0) return elastic;
  const { autoPublicIp, state } = instance;
  return autoPublicIp === null || state === "stopped" ? [] : [autoPublicIp];
}

export function showAddresses(region: Region, instanceId: string): void {
  const instance = region.instances.get(instanceId);
  if (instance === undefined) return;
  const publicIps = publicIpsOf(region, instance);
  showLater(region, { instanceId, lagMs: region.delays.metadataAddressMs, shown: { publicIps } });
}

export function showTarget(region: Region, instanceId: string, target: string): void {
  showLater(region, { instanceId, lagMs: region.delays.metadataTargetMs, shown: { target } });
}

export function showCredentials(region: Region, instanceId: string): void {
  const late = region.faults.strike("lateCredentials", { ids: [instanceId] });
  const lagMs = region.delays.metadataCredentialsMs + (late?.lagMs ?? 0);
  showLater(region, { instanceId, lagMs, shown: { credentials: true } });
}

/** Notices come without a lag: they are told through IMDS first. */
export function showNotice(region: Region, instanceId: string, shown: Partial<Shown>): void {
  const instance = region.instances.get(instanceId);
  if (instance === undefined) return;
  region.instances.change(instanceId, { shown: { ...instance.shown, ...shown } });
}

interface Showing {
  readonly instanceId: string;
  readonly lagMs: number;
  readonly shown: Partial<Shown>;
}

function showLater(region: Region, { instanceId, lagMs, shown }: Showing): void {
  region.spawn(async () => {
    await sleep(region, lagMs);
    showNotice(region, instanceId, shown);
  });
}
