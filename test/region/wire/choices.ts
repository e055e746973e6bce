// Parameters with a fixed list of values. The SDK's schemas have them as any text, since its answers
// must bear values that came later; a request with a value that the service does not know is refused.
// Only parameters that the region reads are here; those that it refuses in words of its own are not.

import {
  RefreshStrategy,
  RetentionAction,
  ScaleInProtectedInstances,
  StandbyInstances,
  WarmPoolState,
} from "@aws-sdk/client-auto-scaling";
import {
  CopyTagsFromSource,
  DomainType,
  HttpTokensState,
  InstanceMetadataEndpointState,
  InstanceMetadataTagsState,
  _InstanceType as InstanceType,
  MarketType,
  ResourceType,
  ShutdownBehavior,
  SnapshotLocationEnum,
  Tenancy,
  VolumeType,
} from "@aws-sdk/client-ec2";

type Choice = Readonly<Record<string, string>>;

const metadataOptions = {
  HttpTokens: HttpTokensState,
  HttpEndpoint: InstanceMetadataEndpointState,
  InstanceMetadataTags: InstanceMetadataTagsState,
};

const launch = { InstanceType, InstanceInitiatedShutdownBehavior: ShutdownBehavior };

/** By the structure's name in the model, and the member's. */
const choices: Readonly<Record<string, Readonly<Record<string, Choice>>>> = {
  AllocateAddressRequest: { Domain: DomainType },
  CreateSnapshotRequest: { Location: SnapshotLocationEnum },
  CreateSnapshotsRequest: { CopyTagsFromSource, Location: SnapshotLocationEnum },
  EbsBlockDevice: { VolumeType },
  InstanceMarketOptionsRequest: { MarketType },
  InstanceMetadataOptionsRequest: metadataOptions,
  LaunchTemplateEbsBlockDeviceRequest: { VolumeType },
  LaunchTemplateInstanceMarketOptionsRequest: { MarketType },
  LaunchTemplateInstanceMetadataOptionsRequest: metadataOptions,
  LaunchTemplatePlacementRequest: { Tenancy },
  LaunchTemplateTagSpecificationRequest: { ResourceType },
  ModifyVolumeRequest: { VolumeType },
  Placement: { Tenancy },
  PutWarmPoolType: { PoolState: WarmPoolState },
  RefreshPreferences: { ScaleInProtectedInstances, StandbyInstances },
  RequestLaunchTemplateData: launch,
  RetentionTriggers: { TerminateHookAbandon: RetentionAction },
  RunInstancesRequest: launch,
  StartInstanceRefreshType: { Strategy: RefreshStrategy },
  TagSpecification: { ResourceType },
};

/** Whether the service knows this value of this parameter; true where any text will do. */
export function isChoice(structure: string, member: string, value: unknown): boolean {
  const choice = choices[structure]?.[member];
  if (choice === undefined || typeof value !== "string") return true;
  return Object.values(choice).includes(value);
}
