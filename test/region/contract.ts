// The three seams of the rehearsal region, so that its parts can be swapped and read apart:
// `Api` (what an EC2 or Auto Scaling call means, in the SDK's own input and output shapes),
// `MetadataView` (what IMDS tells one instance) and `Machines` (what makes an instance and its
// disks real). The state machines in state/ stand behind the first two and drive the third.

/** Who calls: found from the request's credentials, or given by an in-process caller. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  /** The instance whose role's credentials signed the call; null for the operator. */
  readonly instanceId: string | null;
}

export type Service = "ec2" | "autoscaling";

export interface ApiCall {
  readonly service: Service;
  /** For instance `AssociateAddress`. */
  readonly action: string;
  /** In the shape of the SDK's command input: decoded, with numbers, booleans, lists and Dates. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** An error as AWS answers it: the wire writes it in the service's own XML. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A call that no answer of the service comes back for, whether it took effect or not. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  /** What somebody else answers; null where the connection is cut. */
  readonly instead: { readonly status: number; readonly body: string } | null;

  constructor(instead: Unanswered["instead"] = null) {
    super("Cannot hear the answer: the connection was lost");
    this.instead = instead;
  }
}

export interface Api {
  /** Resolves to the SDK's command output shape (without $metadata); rejects with ApiError or Unanswered. */
  call(call: ApiCall): Promise<Record<string, unknown>>;
}

/** What IMDS shows to one instance at this moment. */
export interface MetadataView {
  readonly instanceId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly mac: string;
  readonly interfaceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly privateIp: string;
  readonly publicIps: readonly string[];
  readonly zone: string;
  readonly zoneId: string;
  readonly region: string;
  readonly accountId: string;
  /** null until Auto Scaling has set it, and for an instance of no group: 404. */
  readonly targetLifecycleState: string | null;
  readonly spotInstanceAction: { readonly action: string; readonly time: string } | null;
  readonly rebalanceNoticeTime: string | null;
  readonly scheduledEvents: readonly Readonly<Record<string, string>>[];
  /** null where InstanceMetadataTags is not enabled: 404. */
  readonly tags: Readonly<Record<string, string>> | null;
  readonly userData: string | null;
  readonly roleName: string | null;
}

/** Credentials of an instance role, as IMDS hands them out. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface MachineLaunch {
  readonly instanceId: string;
  readonly privateIp: string;
  readonly mac: string;
  readonly userData: string | null;
  readonly imageId: string;
}

/**
 * What makes instances and disks real. Every call returns when the effect has happened. The state
 * machines call nothing twice and never attach a volume to two machines; failures are the
 * backend's own defects and end the region.
 */
export interface Machines {
  /** Makes the disk of a volume: blank (all zeros), or a copy of a snapshot; may be larger than it. */
  createVolume(volume: {
    readonly volumeId: string;
    readonly sizeGib: number;
    readonly snapshotId: string | null;
  }): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  /** Grows a disk, visible to the instance that has it. */
  growVolume(volumeId: string, sizeGib: number): Promise<void>;
  /** One point in time over all of them, while writers run. */
  createSnapshots(
    snapshots: readonly { readonly snapshotId: string; readonly volumeId: string }[],
  ): Promise<void>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** The device shows up inside the machine, with the volume id's digits as its serial. */
  attach(volumeId: string, instanceId: string): Promise<void>;
  /**
   * `busy` while something in the machine has it open, and nothing has changed then. `forced` takes
   * the disk away all the same: what the machine writes from then on is lost.
   */
  detach(
    volumeId: string,
    instanceId: string,
    how?: "asked" | "forced",
  ): Promise<"detached" | "busy">;
  launch(machine: MachineLaunch): Promise<void>;
  /** `os` asks the machine to power off and waits for it (bounded); `cut` is the power cord. */
  powerOff(instanceId: string, how: "os" | "cut"): Promise<void>;
  /** Starts a machine that was powered off, with its root disk as it was. */
  powerOn(instanceId: string): Promise<void>;
  reboot(instanceId: string): Promise<void>;
  /** Throws away a powered-off machine and its root disk. */
  remove(instanceId: string): Promise<void>;
  /** Points a public address at a machine's private address, or nowhere. */
  route(publicIp: string, privateIp: string | null): Promise<void>;
  /** Called when a machine powered itself off. */
  onPowerOff(listener: (instanceId: string) => void): void;
}
