// An instance that nothing has been said about yet: no role, no tags, no public address, no notice.

import type { MetadataView } from "../region/contract.ts";

export const bare: MetadataView = {
  instanceId: "i-1",
  imageId: "ami-1",
  instanceType: "m7g.large",
  mac: "02:00:0a:00:00:05",
  interfaceId: "eni-1",
  subnetId: "subnet-1",
  vpcId: "vpc-1",
  privateIp: "10.0.0.5",
  publicIps: [],
  zone: "eu-west-1a",
  zoneId: "euw1-az1",
  region: "eu-west-1",
  accountId: "123456789012",
  targetLifecycleState: null,
  spotInstanceAction: null,
  rebalanceNoticeTime: null,
  scheduledEvents: [],
  tags: null,
  userData: null,
  roleName: null,
};
