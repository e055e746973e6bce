// What is to be launched: a RunInstances request, a launch template, or both, where the request wins
// member by member. Everything is checked here, so that a launch which begins also succeeds.

import type {
  _InstanceType as InstanceType,
  RequestLaunchTemplateData,
  RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import { invalidCombination, invalidValue, required } from "./errors.ts";
import { find, findSnapshot } from "./lookup.ts";
import type { Region } from "./region.ts";
import type { Image, Subnet, Tags, Template } from "./resources.ts";
import { tagsFor } from "./tags.ts";
import type { VolumeWish } from "./volumes.ts";

export interface LaunchSpec {
  readonly image: Image;
  readonly type: InstanceType;
  readonly subnet: Subnet;
  readonly autoPublicIp: boolean;
  readonly userData: string | null;
  readonly roleName: string | null;
  readonly keyName: string | null;
  readonly metadataTags: boolean;
  readonly onShutdown: "stop" | "terminate";
  readonly terminateProtected: boolean;
  readonly spot: boolean;
  readonly clientToken: string | null;
  readonly tags: Tags;
  readonly volumeTags: Tags;
  readonly interfaceTags: Tags;
  readonly root: { readonly sizeGib: number; readonly deleteOnTermination: boolean };
  readonly data: readonly DataVolume[];
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
  | "DisableApiTermination"
  | "IamInstanceProfile"
  | "ImageId"
  | "InstanceInitiatedShutdownBehavior"
  | "InstanceMarketOptions"
  | "InstanceType"
  | "KeyName"
  | "MetadataOptions"
  | "NetworkInterfaces"
  | "Placement"
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
    userData: decoded(wish.UserData),
    roleName: roleOf(wish.IamInstanceProfile),
    keyName: wish.KeyName ?? null,
    metadataTags: wish.MetadataOptions?.InstanceMetadataTags === "enabled",
    onShutdown: wish.InstanceInitiatedShutdownBehavior ?? "stop",
    terminateProtected: wish.DisableApiTermination ?? false,
    spot: wish.InstanceMarketOptions?.MarketType === "spot",
    clientToken: wish.ClientToken ?? null,
    tags: tags("instance"),
    volumeTags: tags("volume"),
    interfaceTags: tags("network-interface"),
    root: rootOf(image, wish),
    data: dataOf(region, image, wish),
  };
}

/** The template below, the request above it. */
export function overTemplate(data: RequestLaunchTemplateData, wish: LaunchWish): LaunchWish {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  const base: LaunchWish = {
    BlockDeviceMappings: data.BlockDeviceMappings,
    DisableApiTermination: data.DisableApiTermination,
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

export function templateOf(
  region: Region,
  choice: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined },
): Template {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = choice;
  if (id !== undefined) return find(region.templates, "template", id);
  const given = required(name, "LaunchTemplateName");
  const template = region.templates.all().find((each) => each.name === given);
  if (template !== undefined) return template;
  throw new ApiError(
    "InvalidLaunchTemplateName.NotFoundException",
    `At least one of the launch templates specified in the request does not exist: ${given}`,
  );
}

function subnetOf(region: Region, wish: LaunchWish): Subnet {
  const ofInterface = wish.NetworkInterfaces?.[0]?.SubnetId;
  if (ofInterface !== undefined && wish.SubnetId !== undefined) {
    throw invalidCombination(
      "Network interfaces and an instance-level subnet ID may not be specified",
    );
  }
  const id = wish.SubnetId ?? ofInterface;
  if (id !== undefined) return find(region.subnets, "subnet", id);
  const zone = wish.Placement?.AvailabilityZone;
  const subnet = region.subnets.all().find((each) => zone === undefined || each.zone === zone);
  if (subnet === undefined) throw invalidValue(`Invalid availability zone: [${zone ?? ""}]`);
  return subnet;
}

function decoded(userData: string | undefined): string | null {
  return userData === undefined ? null : Buffer.from(userData, "base64").toString("utf8");
}

/** The profile's role has the profile's name here, as with profiles made in the console. */
function roleOf(profile: LaunchWish["IamInstanceProfile"]): string | null {
  return profile?.Name ?? profile?.Arn?.split("/").at(-1) ?? null;
}

function rootOf(image: Image, wish: LaunchWish): LaunchSpec["root"] {
  const ebs = wish.BlockDeviceMappings?.find((each) => each.DeviceName === image.rootDevice)?.Ebs;
  return {
    sizeGib: ebs?.VolumeSize ?? image.rootSizeGib,
    deleteOnTermination: ebs?.DeleteOnTermination ?? true,
  };
}

function dataOf(region: Region, image: Image, wish: LaunchWish): readonly DataVolume[] {
  return (wish.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    if (Ebs === undefined || DeviceName === image.rootDevice) return [];
    const snapshot = Ebs.SnapshotId === undefined ? null : findSnapshot(region, Ebs.SnapshotId);
    return {
      device: required(DeviceName, "BlockDeviceMapping.DeviceName"),
      deleteOnTermination: Ebs.DeleteOnTermination ?? true,
      wish: {
        sizeGib: required(Ebs.VolumeSize ?? snapshot?.sizeGib, "BlockDeviceMapping.Ebs.VolumeSize"),
        type: Ebs.VolumeType ?? "gp2",
        iops: Ebs.Iops ?? null,
        throughputMibps: Ebs.Throughput ?? null,
        encrypted: Ebs.Encrypted === true || snapshot?.encrypted === true,
        snapshotId: snapshot?.id ?? null,
      },
    };
  });
}
