// Machine images, as far as a launch needs them. They are given when the world is made and belong to
// their publisher, as public images on AWS do: their snapshots are not among the account's own.

import type {
  DescribeImagesRequest,
  DescribeImagesResult,
  Image as ImageShape,
} from "@aws-sdk/client-ec2";
import { always, type FilterTable, filtered, without } from "./filters.ts";
import { chosen } from "./lookup.ts";
import { page, refuseIdsWithPages } from "./pages.ts";
import type { Region } from "./region.ts";
import type { Image } from "./resources.ts";
import { shownTags } from "./tags.ts";

/** Debian's own account, as its cloud team publishes it. */
const publisherId = "136693071363";

export function describeImages(region: Region, input: DescribeImagesRequest): DescribeImagesResult {
  refuseIdsWithPages(input.ImageIds, input, "imageIdSet");
  const rows = chosen(region.images, "image", input.ImageIds);
  const owned = (input.Owners ?? []).length === 0 || input.Owners?.includes(publisherId) === true;
  const users = input.ExecutableUsers ?? [];
  // A public image is executable by "all"; "self" asks for those shared with the account by name.
  const executable = users.length === 0 || users.includes("all");
  const matching = filtered(owned && executable ? rows : [], {
    filters: input.Filters,
    table: imageFilters,
    tagsOf: (image) => image.tags,
  });
  const { rows: shown, next } = page(matching, input, { min: 1, max: 1000, beyond: "cut" });
  return { Images: shown.map(imageShape), NextToken: next };
}

const imageFilters: FilterTable<Image> = {
  "block-device-mapping.device-name": (row) => [row.rootDevice],
  "block-device-mapping.snapshot-id": (row) => [row.rootSnapshotId],
  "block-device-mapping.volume-size": (row) => [String(row.rootSizeGib)],
  "creation-date": (row) => [new Date(row.createdAtMs).toISOString()],
  description: (row) => [row.name],
  "image-id": (row) => [row.id],
  "manifest-location": (row) => [locationOf(row)],
  name: (row) => [row.name],
  "root-device-name": (row) => [row.rootDevice],
  ...always({
    architecture: "x86_64",
    "block-device-mapping.delete-on-termination": "true",
    "block-device-mapping.encrypted": "false",
    "block-device-mapping.volume-type": "gp3",
    "ena-support": "true",
    hypervisor: "xen",
    "image-allowed": "true",
    "image-type": "machine",
    "is-public": "true",
    "owner-id": publisherId,
    "root-device-type": "ebs",
    "sriov-net-support": "simple",
    state: "available",
    "virtualization-type": "hvm",
  }),
  ...without(
    "boot-mode",
    "free-tier-eligible",
    "kernel-id",
    "owner-alias",
    "platform",
    "product-code",
    "product-code.type",
    "public-ssm-parameter-name",
    "ramdisk-id",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "state-reason-code",
    "state-reason-message",
  ),
};

function locationOf({ name }: Image): string {
  return `${publisherId}/${name}`;
}

function imageShape(image: Image): ImageShape {
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.name,
    OwnerId: publisherId,
    ImageLocation: locationOf(image),
    ImageType: "machine",
    State: "available",
    Architecture: "x86_64",
    CreationDate: new Date(image.createdAtMs).toISOString(),
    RootDeviceName: image.rootDevice,
    RootDeviceType: "ebs",
    VirtualizationType: "hvm",
    Hypervisor: "xen",
    EnaSupport: true,
    SriovNetSupport: "simple",
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    ImdsSupport: "v2.0",
    Public: true,
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: {
          SnapshotId: image.rootSnapshotId,
          VolumeSize: image.rootSizeGib,
          VolumeType: "gp3",
          Encrypted: false,
          DeleteOnTermination: true,
        },
      },
    ],
    Tags: shownTags(image.tags),
  };
}
