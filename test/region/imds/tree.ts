// The metadata categories of one instance at one moment, as a tree of names. A category that has
// nothing to say is absent, which IMDS answers with 404; the agent reads meaning out of that, so
// nothing is ever filled with an empty string.
// Names and forms: "Instance metadata categories" in the EC2 user guide.

import type { MetadataView, RoleCredentials } from "../contract.ts";

/** A value, or a directory. */
export type Category = string | ReadonlyMap<string, Category>;

export interface Shown {
  readonly view: MetadataView;
  readonly credentials: RoleCredentials | null;
  readonly nowMs: number;
}

export function metadataTree(shown: Shown): Category {
  const { view } = shown;
  return directory({
    "ami-id": view.imageId,
    "ami-launch-index": "0",
    autoscaling: optional({ "target-lifecycle-state": view.targetLifecycleState }),
    events: events(view),
    hostname: hostname(view),
    iam: roles(shown),
    "instance-action": "none",
    "instance-id": view.instanceId,
    "instance-type": view.instanceType,
    "local-hostname": hostname(view),
    "local-ipv4": view.privateIp,
    mac: view.mac,
    network: directory({
      interfaces: directory({ macs: directory({ [view.mac]: networkInterface(view) }) }),
    }),
    placement: directory({
      "availability-zone": view.zone,
      "availability-zone-id": view.zoneId,
      region: view.region,
    }),
    "public-ipv4": view.publicIps[0] ?? null,
    services: directory({ domain: "amazonaws.com", partition: "aws" }),
    spot: spot(view),
    tags: view.tags === null ? null : directory({ instance: directory(view.tags) }),
  });
}

/** The instance identity document; it is not signed here. */
export function identityDocument(view: MetadataView): string {
  return json({
    accountId: view.accountId,
    architecture: "x86_64",
    availabilityZone: view.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: view.imageId,
    instanceId: view.instanceId,
    instanceType: view.instanceType,
    kernelId: null,
    privateIp: view.privateIp,
    ramdiskId: null,
    region: view.region,
    version: "2017-09-30",
  });
}

function networkInterface(view: MetadataView): Category {
  const associations = view.publicIps.map((ip) => [ip, view.privateIp] as const);
  return directory({
    "device-number": "0",
    "interface-id": view.interfaceId,
    "ipv4-associations": optional(Object.fromEntries<string>(associations)),
    "local-hostname": hostname(view),
    "local-ipv4s": view.privateIp,
    mac: view.mac,
    "owner-id": view.accountId,
    "public-ipv4s": view.publicIps.length === 0 ? null : view.publicIps.join("\n"),
    "subnet-id": view.subnetId,
    "vpc-id": view.vpcId,
  });
}

function events(view: MetadataView): Category {
  const noticeTime = view.rebalanceNoticeTime;
  return directory({
    maintenance: directory({ history: "[]", scheduled: json(view.scheduledEvents) }),
    recommendations: optional({ rebalance: noticeTime === null ? null : json({ noticeTime }) }),
  });
}

function spot({ spotInstanceAction: notice }: MetadataView): Category | null {
  if (notice === null) return null;
  return directory({
    "instance-action": json(notice),
    "termination-time": notice.action === "terminate" ? notice.time : null,
  });
}

function roles({ view, credentials, nowMs }: Shown): Category | null {
  if (view.roleName === null) return null;
  const updated = wholeSeconds(new Date(nowMs));
  return directory({
    info: json({
      Code: "Success",
      LastUpdated: updated,
      InstanceProfileArn: `arn:aws:iam::${view.accountId}:instance-profile/${view.roleName}`,
      InstanceProfileId: "AIPAREHEARSALREGION00",
    }),
    "security-credentials": optional({
      [view.roleName]: credentials === null ? null : keys(credentials, updated),
    }),
  });
}

function keys(credentials: RoleCredentials, updated: string): string {
  return json({
    Code: "Success",
    LastUpdated: updated,
    Type: "AWS-HMAC",
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: wholeSeconds(credentials.expiration),
  });
}

function hostname(view: MetadataView): string {
  return `ip-${view.privateIp.replaceAll(".", "-")}.${view.region}.compute.internal`;
}

function directory(entries: Readonly<Record<string, Category | null>>): Category {
  const present = new Map<string, Category>();
  for (const [name, category] of Object.entries(entries)) {
    if (category !== null) present.set(name, category);
  }
  return present;
}

/** A directory that is absent itself where all in it is. */
function optional(entries: Readonly<Record<string, Category | null>>): Category | null {
  return Object.values(entries).every((category) => category === null) ? null : directory(entries);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
