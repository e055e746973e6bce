// The calls that tests of the region make, with the SDK's shapes for what goes in and comes out.

import type * as AutoScaling from "@aws-sdk/client-auto-scaling";
import type * as Ec2 from "@aws-sdk/client-ec2";

interface Ec2Shapes {
  AllocateAddress: [Ec2.AllocateAddressRequest, Ec2.AllocateAddressResult];
  AssociateAddress: [Ec2.AssociateAddressRequest, Ec2.AssociateAddressResult];
  AttachVolume: [Ec2.AttachVolumeRequest, Ec2.VolumeAttachment];
  CreateLaunchTemplate: [Ec2.CreateLaunchTemplateRequest, Ec2.CreateLaunchTemplateResult];
  CreateLaunchTemplateVersion: [
    Ec2.CreateLaunchTemplateVersionRequest,
    Ec2.CreateLaunchTemplateVersionResult,
  ];
  CreateSnapshot: [Ec2.CreateSnapshotRequest, Ec2.Snapshot];
  CreateSnapshots: [Ec2.CreateSnapshotsRequest, Ec2.CreateSnapshotsResult];
  CreateTags: [Ec2.CreateTagsRequest, object];
  CreateVolume: [Ec2.CreateVolumeRequest, Ec2.Volume];
  DeleteLaunchTemplateVersions: [
    Ec2.DeleteLaunchTemplateVersionsRequest,
    Ec2.DeleteLaunchTemplateVersionsResult,
  ];
  DeleteSnapshot: [Ec2.DeleteSnapshotRequest, object];
  DeleteTags: [Ec2.DeleteTagsRequest, object];
  DeleteVolume: [Ec2.DeleteVolumeRequest, object];
  DescribeAddresses: [Ec2.DescribeAddressesRequest, Ec2.DescribeAddressesResult];
  DescribeInstanceAttribute: [Ec2.DescribeInstanceAttributeRequest, Ec2.InstanceAttribute];
  DescribeInstances: [Ec2.DescribeInstancesRequest, Ec2.DescribeInstancesResult];
  DescribeInstanceStatus: [Ec2.DescribeInstanceStatusRequest, Ec2.DescribeInstanceStatusResult];
  DescribeLaunchTemplateVersions: [
    Ec2.DescribeLaunchTemplateVersionsRequest,
    Ec2.DescribeLaunchTemplateVersionsResult,
  ];
  DescribeNetworkInterfaces: [
    Ec2.DescribeNetworkInterfacesRequest,
    Ec2.DescribeNetworkInterfacesResult,
  ];
  DescribeSnapshots: [Ec2.DescribeSnapshotsRequest, Ec2.DescribeSnapshotsResult];
  DescribeTags: [Ec2.DescribeTagsRequest, Ec2.DescribeTagsResult];
  DescribeVolumes: [Ec2.DescribeVolumesRequest, Ec2.DescribeVolumesResult];
  DescribeVolumesModifications: [
    Ec2.DescribeVolumesModificationsRequest,
    Ec2.DescribeVolumesModificationsResult,
  ];
  DetachVolume: [Ec2.DetachVolumeRequest, Ec2.VolumeAttachment];
  DisassociateAddress: [Ec2.DisassociateAddressRequest, object];
  ModifyInstanceAttribute: [Ec2.ModifyInstanceAttributeRequest, object];
  ModifyLaunchTemplate: [Ec2.ModifyLaunchTemplateRequest, Ec2.ModifyLaunchTemplateResult];
  ModifyVolume: [Ec2.ModifyVolumeRequest, Ec2.ModifyVolumeResult];
  ReleaseAddress: [Ec2.ReleaseAddressRequest, object];
  RunInstances: [Ec2.RunInstancesRequest, Ec2.Reservation];
  StartInstances: [Ec2.StartInstancesRequest, Ec2.StartInstancesResult];
  StopInstances: [Ec2.StopInstancesRequest, Ec2.StopInstancesResult];
  TerminateInstances: [Ec2.TerminateInstancesRequest, Ec2.TerminateInstancesResult];
}

interface AutoScalingShapes {
  AttachInstances: [AutoScaling.AttachInstancesQuery, object];
  CancelInstanceRefresh: [
    AutoScaling.CancelInstanceRefreshType,
    AutoScaling.CancelInstanceRefreshAnswer,
  ];
  CompleteLifecycleAction: [AutoScaling.CompleteLifecycleActionType, object];
  CreateAutoScalingGroup: [AutoScaling.CreateAutoScalingGroupType, object];
  CreateOrUpdateTags: [AutoScaling.CreateOrUpdateTagsType, object];
  DeleteAutoScalingGroup: [AutoScaling.DeleteAutoScalingGroupType, object];
  DeleteLifecycleHook: [AutoScaling.DeleteLifecycleHookType, object];
  DeleteWarmPool: [AutoScaling.DeleteWarmPoolType, object];
  DescribeAutoScalingGroups: [
    AutoScaling.AutoScalingGroupNamesType,
    AutoScaling.AutoScalingGroupsType,
  ];
  DescribeAutoScalingInstances: [
    AutoScaling.DescribeAutoScalingInstancesType,
    AutoScaling.AutoScalingInstancesType,
  ];
  DescribeInstanceRefreshes: [
    AutoScaling.DescribeInstanceRefreshesType,
    AutoScaling.DescribeInstanceRefreshesAnswer,
  ];
  DescribeLifecycleHooks: [
    AutoScaling.DescribeLifecycleHooksType,
    AutoScaling.DescribeLifecycleHooksAnswer,
  ];
  DescribeScalingActivities: [
    AutoScaling.DescribeScalingActivitiesType,
    AutoScaling.ActivitiesType,
  ];
  DescribeTags: [AutoScaling.DescribeTagsType, AutoScaling.TagsType];
  DescribeWarmPool: [AutoScaling.DescribeWarmPoolType, AutoScaling.DescribeWarmPoolAnswer];
  DetachInstances: [AutoScaling.DetachInstancesQuery, AutoScaling.DetachInstancesAnswer];
  EnterStandby: [AutoScaling.EnterStandbyQuery, AutoScaling.EnterStandbyAnswer];
  ExitStandby: [AutoScaling.ExitStandbyQuery, AutoScaling.ExitStandbyAnswer];
  PutLifecycleHook: [AutoScaling.PutLifecycleHookType, object];
  PutWarmPool: [AutoScaling.PutWarmPoolType, object];
  RecordLifecycleActionHeartbeat: [AutoScaling.RecordLifecycleActionHeartbeatType, object];
  ResumeProcesses: [AutoScaling.ScalingProcessQuery, object];
  SetDesiredCapacity: [AutoScaling.SetDesiredCapacityType, object];
  SetInstanceHealth: [AutoScaling.SetInstanceHealthQuery, object];
  SetInstanceProtection: [AutoScaling.SetInstanceProtectionQuery, object];
  StartInstanceRefresh: [
    AutoScaling.StartInstanceRefreshType,
    AutoScaling.StartInstanceRefreshAnswer,
  ];
  SuspendProcesses: [AutoScaling.ScalingProcessQuery, object];
  TerminateInstanceInAutoScalingGroup: [
    AutoScaling.TerminateInstanceInAutoScalingGroupType,
    AutoScaling.ActivityType,
  ];
  UpdateAutoScalingGroup: [AutoScaling.UpdateAutoScalingGroupType, object];
}

type Calls<Shapes extends Record<keyof Shapes, [object, object]>> = <A extends keyof Shapes>(
  action: A,
  input: Shapes[A][0],
) => Promise<Shapes[A][1]>;

export type Ec2Calls = Calls<Ec2Shapes>;
export type AutoScalingCalls = Calls<AutoScalingShapes>;
