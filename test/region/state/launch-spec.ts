// What is to be launched: a RunInstances request, a launch template, or both, where the request wins
// member by member. Everything is checked here, so that a launch which begins also succeeds.

import type {
  EbsBlockDevice,
  _InstanceType as InstanceType,
  RequestLaunchTemplateData,
  RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { invalidCombination, invalidValue, required } from "./errors.ts";
import { find, findSnapshot } from "./lookup.ts";
import { refuseUnusable } from "./network.ts";
import type { Region } from "./region.ts";
import type { Image, Snapshot, Subnet, Tags } from "./resources.ts";
import { tagsFor } from "./tags.ts";
import { performanceOf, volumeTypeOf } from "./volume-types.ts";
import { encryptionOf, type VolumeWish } from "./volumes.ts";

/** "User data is limited to 16 KB, in raw form, before it is base64-encoded." */
const userDataBytesMax = 16_384;

/** What an image with `imds-support` v2.0 asks for, as the one here does. */
const hopsOfImage = 2;

export interface LaunchSpec {
  readonly image: Image;
  readonly type: InstanceType;
  readonly subnet: Subnet;
  readonly autoPublicIp: boolean;
  /** null for any that is free. */
  readonly privateIp: string | null;
  readonly userData: string | null;
  readonly roleName: string | null;
  readonly keyName: string | null;
  readonly metadataTags: boolean;
  readonly metadataHops: number;
  readonly onShutdown: "stop" | "terminate";
  readonly terminateProtected: boolean;
  readonly stopProtected: boolean;
  readonly ebsOptimized: boolean;
  readonly spot: boolean;
  readonly clientToken: string | null;
  readonly tags: Tags;
  readonly volumeTags: Tags;
  readonly interfaceTags: Tags;
  readonly root: RootVolume;
  readonly data: readonly DataVolume[];
}

/** What there is to know of a volume beside where it is and what it is made from. */
type Made = Omit<VolumeWish, "zone" | "tags" | "snapshotId">;

interface RootVolume extends Made {
  readonly deleteOnTermination: boolean;
}

/** A volume made and attached at launch: unlike one attached later, it goes with the instance. */
export interface DataVolume {
  readonly device: string;
  readonly deleteOnTermination: boolean;
  readonly wish: Omit<VolumeWish, "zone" | "tags">;
}

export type LaunchWish = Pick<
  RunInstancesRequest,
  | "BlockDeviceMappings"
  | "ClientToken"
  | "DisableApiStop"
  | "DisableApiTermination"
  | "EbsOptimized"
  | "IamInstanceProfile"
  | "ImageId"
  | "InstanceInitiatedShutdownBehavior"
  | "InstanceMarketOptions"
  | "InstanceType"
  | "KeyName"
  | "MetadataOptions"
  | "NetworkInterfaces"
  | "Placement"
  | "PrivateIpAddress"
  | "SubnetId"
  | "TagSpecifications"
  | "UserData"
>;

export function launchSpec(region: Region, wish: LaunchWish): LaunchSpec {
  const image = find(region.images, "image", required(wish.ImageId, "ImageId"));
  const subnet = subnetOf(region, wish);
  const also = ["instance", "volume", "network-interface", "spot-instances-request"] as const;
  const tags = (type: "instance" | "volume" | "network-interface") =>
    tagsFor(type, wish.TagSpecifications, also);
  return {
    image,
    subnet,
    type: wish.InstanceType ?? "m1.small",
    autoPublicIp: wish.NetworkInterfaces?.[0]?.AssociatePublicIpAddress ?? subnet.autoPublicIp,
    privateIp: privateIpOf(region, subnet, wish),
    userData: decoded(wish.UserData),
    roleName: roleOf(wish.IamInstanceProfile),
    keyName: wish.KeyName ?? null,
    metadataTags: wish.MetadataOptions?.InstanceMetadataTags === "enabled",
    metadataHops: wish.MetadataOptions?.HttpPutResponseHopLimit ?? hopsOfImage,
    onShutdown: wish.InstanceInitiatedShutdownBehavior ?? "stop",
    terminateProtected: wish.DisableApiTermination ?? false,
    stopProtected: wish.DisableApiStop ?? false,
    ebsOptimized: wish.EbsOptimized ?? false,
    spot: wish.InstanceMarketOptions?.MarketType === "spot",
    clientToken: wish.ClientToken ?? null,
    tags: tags("instance"),
    volumeTags: tags("volume"),
    interfaceTags: tags("network-interface"),
    root: rootOf(region, image, wish),
    data: dataOf(region, image, wish),
  };
}

/** The template below, the request above it. */
export function overTemplate(data: RequestLaunchTemplateData, wish: LaunchWish): LaunchWish {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  const base: LaunchWish = {
    BlockDeviceMappings: data.BlockDeviceMappings,
    DisableApiStop: data.DisableApiStop,
    DisableApiTermination: data.DisableApiTermination,
    EbsOptimized: data.EbsOptimized,
    IamInstanceProfile: data.IamInstanceProfile,
    ImageId: data.ImageId,
    InstanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    InstanceMarketOptions: data.InstanceMarketOptions,
    InstanceType: data.InstanceType,
    KeyName: data.KeyName,
    MetadataOptions: data.MetadataOptions,
    NetworkInterfaces: data.NetworkInterfaces,
    Placement: data.Placement,
    TagSpecifications: data.TagSpecifications,
    UserData: data.UserData,
  };
  return { ...base, ...given };
}

function subnetOf(region: Region, wish: LaunchWish): Subnet {
  const ofInterface = wish.NetworkInterfaces?.[0]?.SubnetId;
  if (ofInterface !== undefined && wish.SubnetId !== undefined) {
    throw invalidCombination(
      "Network interfaces and an instance-level subnet ID may not be specified",
    );
  }
  const id = wish.SubnetId ?? ofInterface;
  const zone = wish.Placement?.AvailabilityZone;
  if (id !== undefined) return subnetIn(find(region.subnets, "subnet", id), zone);
  const subnet = region.subnets.all().find((each) => zone === undefined || each.zone === zone);
  if (subnet === undefined) throw invalidValue(`Invalid availability zone: [${zone ?? ""}]`);
  return subnet;
}

function subnetIn(subnet: Subnet, zone: string | undefined): Subnet {
  if (zone === undefined || zone === subnet.zone) return subnet;
  throw invalidValue(
    `The Availability Zone '${zone}' is not that of subnet '${subnet.id}', '${subnet.zone}'`,
  );
}

/** By itself or in the description of the one interface. */
function privateIpOf(region: Region, subnet: Subnet, wish: LaunchWish): string | null {
  const privateIp = wish.PrivateIpAddress ?? wish.NetworkInterfaces?.[0]?.PrivateIpAddress;
  if (privateIp === undefined) return null;
  refuseUnusable(region, subnet, privateIp);
  return privateIp;
}

function decoded(userData: string | undefined): string | null {
  if (userData === undefined) return null;
  const bytes = Buffer.from(userData, "base64");
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData)) {
    throw invalidValue("Invalid BASE64 encoding of user data.");
  }
  if (bytes.length > userDataBytesMax) {
    throw invalidValue(`User data is limited to ${userDataBytesMax} bytes`);
  }
  return bytes.toString("utf8");
}

/** The profile's role has the profile's name here, as with profiles made in the console. */
function roleOf(profile: LaunchWish["IamInstanceProfile"]): string | null {
  return profile?.Name ?? profile?.Arn?.split("/").at(-1) ?? null;
}

function rootOf(region: Region, image: Image, wish: LaunchWish): RootVolume {
  const ebs = wish.BlockDeviceMappings?.find((each) => each.DeviceName === image.rootDevice)?.Ebs;
  const sizeGib = ebs?.VolumeSize ?? image.rootSizeGib;
  if (sizeGib < image.rootSizeGib) {
    throw new ApiError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGib}GB is smaller than snapshot '${image.rootSnapshotId}', expect size>= ${image.rootSizeGib}GB`,
    );
  }
  return {
    deleteOnTermination: ebs?.DeleteOnTermination ?? true,
    // The images here have gp3; a mapping that names another type changes it.
    ...madeOf(region, { ...ebs, VolumeType: ebs?.VolumeType ?? "gp3", VolumeSize: sizeGib }, null),
  };
}

function dataOf(region: Region, image: Image, wish: LaunchWish): readonly DataVolume[] {
  return (wish.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    if (Ebs === undefined || DeviceName === image.rootDevice) return [];
    const snapshot = Ebs.SnapshotId === undefined ? null : findSnapshot(region, Ebs.SnapshotId);
    return {
      device: required(DeviceName, "BlockDeviceMapping.DeviceName"),
      deleteOnTermination: Ebs.DeleteOnTermination ?? true,
      wish: { ...madeOf(region, Ebs, snapshot), snapshotId: snapshot?.id ?? null },
    };
  });
}

function madeOf(region: Region, ebs: EbsBlockDevice, snapshot: Snapshot | null): Made {
  const sizeGib = required(
    ebs.VolumeSize ?? snapshot?.sizeGib,
    "BlockDeviceMapping.Ebs.VolumeSize",
  );
  const type = volumeTypeOf(ebs.VolumeType);
  const { Iops: iops, Throughput: throughputMibps } = ebs;
  return {
    sizeGib,
    type,
    ...performanceOf({ type, sizeGib, iops, throughputMibps }),
    ...encryptionOf(region, ebs, snapshot),
  };
}
