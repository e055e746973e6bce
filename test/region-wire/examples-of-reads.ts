// The examples of EC2's Describe actions that the agent uses, from the EC2 API Reference. Values that
// are facts of the example's own account (addresses, names, sizes) are noted by their form.

import { address, anything, boolean, type Example, id, number, time } from "./example.ts";

const attachment = {
  volumeId: "{attached volume}",
  instanceId: "{instance}",
  device: "/dev/sdh",
  status: "attached",
  attachTime: time,
  deleteOnTermination: "false",
};

const association = { publicIp: address, publicDnsName: anything, ipOwnerId: anything };

const networkInterface = {
  networkInterfaceId: id("eni"),
  subnetId: id("subnet"),
  vpcId: id("vpc"),
  description: anything,
  ownerId: /^\d{12}$/,
  status: "in-use",
  macAddress: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/,
  privateIpAddress: address,
  privateDnsName: anything,
  sourceDestCheck: "true",
  groupSet: anything,
  attachment: {
    attachmentId: id("eni-attach"),
    deviceIndex: "0",
    status: "attached",
    attachTime: time,
    deleteOnTermination: "true",
  },
  association,
  privateIpAddressesSet: [
    { privateIpAddress: address, privateDnsName: anything, primary: "true", association },
  ],
  ipv6AddressesSet: anything,
} satisfies Example["answer"];

const instance = {
  instanceId: "{instance}",
  imageId: id("ami"),
  instanceState: { code: "16", name: "running" },
  privateDnsName: /^ip-(\d+-){3}\d+\.[a-z0-9-]+\.compute\.internal$/,
  dnsName: /^ec2-(\d+-){3}\d+\.[a-z0-9-]+\.compute\.amazonaws\.com$/,
  reason: "",
  keyName: "my_keypair",
  amiLaunchIndex: "0",
  productCodes: "",
  instanceType: "t2.micro",
  launchTime: time,
  placement: { availabilityZone: "{zone}", groupName: "", tenancy: "default" },
  monitoring: { state: "disabled" },
  subnetId: id("subnet"),
  vpcId: id("vpc"),
  privateIpAddress: address,
  ipAddress: address,
  sourceDestCheck: "true",
  groupSet: anything,
  architecture: "x86_64",
  rootDeviceType: "ebs",
  rootDeviceName: "/dev/xvda",
  blockDeviceMapping: [
    {
      deviceName: anything,
      ebs: {
        volumeId: id("vol"),
        status: "attached",
        attachTime: time,
        deleteOnTermination: boolean,
      },
    },
  ],
  virtualizationType: "hvm",
  clientToken: "xMcwG14507example",
  tagSet: [{ key: "Name", value: "Server_1" }],
  hypervisor: "xen",
  networkInterfaceSet: [networkInterface],
  iamInstanceProfile: { arn: /:instance-profile\/AdminRole$/, id: /^[A-Z0-9]{21}$/ },
  ebsOptimized: boolean,
} satisfies Example["answer"];

export const reads: readonly Example[] = [
  {
    service: "ec2",
    action: "DescribeAddresses",
    page: "API_DescribeAddresses, the example",
    request: ["AllocationId.1={associated address}"],
    answer: {
      addressesSet: [
        {
          publicIp: address,
          allocationId: "{associated address}",
          domain: "vpc",
          instanceId: "{instance}",
          associationId: id("eipassoc"),
          networkInterfaceId: id("eni"),
          networkInterfaceOwnerId: /^\d{12}$/,
          privateIpAddress: address,
        },
      ],
    },
  },
  {
    service: "ec2",
    action: "DescribeVolumes",
    page: "API_DescribeVolumes, the example",
    request: [],
    answer: {
      volumeSet: [
        {
          volumeId: "{attached volume}",
          size: "80",
          snapshotId: "",
          availabilityZone: "{zone}",
          status: "in-use",
          createTime: time,
          attachmentSet: [attachment],
          volumeType: "standard",
          encrypted: "true",
          multiAttachEnabled: "false",
        },
      ],
    },
  },
  {
    service: "ec2",
    action: "DescribeInstances",
    page: "API_DescribeInstances, example 2",
    request: ["InstanceId.1={instance}"],
    answer: {
      reservationSet: [
        {
          reservationId: id("r"),
          ownerId: /^\d{12}$/,
          groupSet: "",
          instancesSet: [instance],
        },
      ],
    },
    absent: { cpuOptions: "how many cores a type has is not kept" },
    erratum:
      "the example shows an IPv6 address beside a subnet without IPv6: the list is empty here",
  },
  {
    service: "ec2",
    action: "DescribeInstances",
    page: "API_DescribeInstances, example 3",
    request: [
      "Filter.1.Name=instance-type",
      "Filter.1.Value.1=m1.small",
      "Filter.1.Value.2=t2.micro",
      "Filter.2.Name=block-device-mapping.status",
      "Filter.2.Value.1=attached",
      "Filter.3.Name=block-device-mapping.delete-on-termination",
      "Filter.3.Value.1=true",
    ],
    answer: { reservationSet: [{ instancesSet: [{ instanceId: "{instance}" }] }] },
    erratum: "examples 7 to 9 give filters without an index, which other pages do not",
  },
  {
    service: "ec2",
    action: "DescribeInstances",
    page: "API_DescribeInstances, example 6",
    request: ["Filter.1.Name=tag:Name", "Filter.1.Value.1=Server_1"],
    answer: { reservationSet: [{ instancesSet: [{ instanceId: "{instance}" }] }] },
  },
  {
    service: "ec2",
    action: "DescribeSnapshots",
    page: "API_DescribeSnapshots, the first example",
    request: ["SnapshotId.1={snapshot}"],
    answer: {
      snapshotSet: [
        {
          snapshotId: "{snapshot}",
          volumeId: "{attached volume}",
          status: "completed",
          startTime: time,
          progress: "100%",
          ownerId: /^\d{12}$/,
          volumeSize: number,
          description: "My root volume snapshot",
          tagSet: [{ key: "purpose", value: "production_backup" }],
          encrypted: "true",
          kmsKeyId: /^arn:aws:kms:/,
          storageTier: "standard",
          transferType: "standard",
          completionTime: time,
        },
      ],
    },
    absent: { fullSnapshotSizeInBytes: "how much of a volume was ever written is not kept" },
    erratum:
      "the example gives the id without an index, and says itself that transferType is for copies",
  },
  {
    service: "ec2",
    action: "DescribeSnapshots",
    page: "API_DescribeSnapshots, the second example",
    request: [
      "Filter.1.Name=status",
      "Filter.1.Value.1=completed",
      "Filter.2.Name=tag:purpose",
      "Filter.2.Value.1=production_backup",
    ],
    answer: { snapshotSet: [{ snapshotId: "{snapshot}", status: "completed" }] },
  },
];
