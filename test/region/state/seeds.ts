// What a new world holds before anything is created in it: a VPC, a subnet in each zone, an image.
// Ids are readable, so that a rehearsal's journal can be read without a legend.

import type { Region } from "./region.ts";
import type { Image, Subnet, Vpc, Zone } from "./resources.ts";

export interface Seeds {
  readonly vpcs?: readonly Vpc[];
  readonly subnets?: readonly Subnet[];
  readonly images?: readonly Omit<Image, "createdAtMs">[];
}

const defaultVpcId = "vpc-00000000000000001";
export const defaultImageId = "ami-00000000000000001";

export function defaultSubnetId(zoneIndex: number): string {
  return `subnet-0000000000000000${(zoneIndex + 1).toString(16)}`;
}

export function plant(region: Region, seeds: Seeds): void {
  for (const vpc of seeds.vpcs ?? [defaultVpc]) region.vpcs.put(vpc);
  for (const subnet of seeds.subnets ?? region.zones.map(defaultSubnet)) region.subnets.put(subnet);
  const createdAtMs = region.clock.nowMs();
  for (const image of seeds.images ?? [defaultImage]) region.images.put({ ...image, createdAtMs });
}

const defaultVpc: Vpc = { id: defaultVpcId, cidr: "10.0.0.0/16", tags: {} };

const defaultImage: Omit<Image, "createdAtMs"> = {
  id: defaultImageId,
  name: "debian-12-amd64",
  rootDevice: "/dev/xvda",
  rootSnapshotId: "snap-00000000000000001",
  rootSizeGib: 8,
  tags: {},
};

function defaultSubnet(zone: Zone, index: number): Subnet {
  return {
    id: defaultSubnetId(index),
    vpcId: defaultVpcId,
    zone: zone.name,
    cidr: `10.0.${index + 1}.0/24`,
    autoPublicIp: true,
    tags: {},
  };
}
