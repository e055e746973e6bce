// How long EC2 and Auto Scaling take for what they do. The defaults are measured or documented
// figures where there are any, and otherwise a plausible middle; none of them is a promise of AWS.
// Lifecycle hook timeouts are not here: they are the caller's own seconds and are never scaled.

export interface Delays {
  /** From the request to its effect, for calls that only read and for calls that change. */
  readonly describeMs: number;
  readonly changeMs: number;
  readonly instancePendingMs: number;
  /** From `running` to the first program inside: firmware, kernel. 0 where the machine really boots. */
  readonly instanceBootMs: number;
  readonly instanceStoppingMs: number;
  /** At least this long in `shutting-down`, however fast the system powers off. */
  readonly instanceShuttingDownMs: number;
  /** From `running` until the status checks say `ok`. */
  readonly instanceStatusMs: number;
  /** A terminated instance can still be described for this long. */
  readonly instanceVisibleMs: number;
  /** From a Spot interruption notice to the interruption. */
  readonly spotNoticeMs: number;
  readonly volumeCreateMs: number;
  readonly volumeDeleteMs: number;
  /** Until a changed volume has its new size, and from then until the change is complete. */
  readonly volumeModifyMs: number;
  readonly volumeOptimizeMs: number;
  readonly attachMs: number;
  readonly detachMs: number;
  /** Between two attempts to detach a volume that the system has open. */
  readonly detachRetryMs: number;
  readonly snapshotBaseMs: number;
  /** Added for each GiB in a volume's first snapshot; later ones are taken as nearly empty. */
  readonly snapshotPerGibMs: number;
  /** From the association to traffic at the new holder. */
  readonly addressEffectMs: number;
  readonly metadataTargetMs: number;
  readonly metadataAddressMs: number;
  readonly metadataCredentialsMs: number;
  /** Until a group sees that an instance no longer runs. */
  readonly groupDetectMs: number;
  /** Until a group acts on impaired status checks. */
  readonly groupImpairedMs: number;
  /** From a group's decision to what it does about its size. */
  readonly groupReactMs: number;
  /** In `Pending:Proceed`, `Terminating:Proceed`, `EnteringStandby` and `Detaching`. */
  readonly groupProceedMs: number;
  /** Until a group tries a launch again that no zone could serve. */
  readonly groupRetryMs: number;
}

// Sources: volumes and attachments as the EBS CSI driver measured them; terminate from the sample
// activity in the Auto Scaling guide; launch from daemonology 2021 and ec2-coldboot-research.
export const awsDelays: Delays = {
  describeMs: 100,
  changeMs: 300,
  instancePendingMs: 5_000,
  instanceBootMs: 12_000,
  instanceStoppingMs: 10_000,
  instanceShuttingDownMs: 20_000,
  instanceStatusMs: 90_000,
  instanceVisibleMs: 3_600_000,
  spotNoticeMs: 120_000,
  volumeCreateMs: 1_500,
  volumeDeleteMs: 1_000,
  volumeModifyMs: 3_000,
  volumeOptimizeMs: 60_000,
  attachMs: 2_000,
  detachMs: 2_000,
  detachRetryMs: 1_000,
  snapshotBaseMs: 20_000,
  snapshotPerGibMs: 1_000,
  addressEffectMs: 2_000,
  metadataTargetMs: 3_000,
  metadataAddressMs: 5_000,
  metadataCredentialsMs: 1_000,
  groupDetectMs: 30_000,
  groupImpairedMs: 180_000,
  groupReactMs: 2_000,
  groupProceedMs: 1_000,
  groupRetryMs: 30_000,
};

/** The same delays, each `factor` times as long. */
export function scaled(delays: Delays, factor: number): Delays {
  return {
    describeMs: delays.describeMs * factor,
    changeMs: delays.changeMs * factor,
    instancePendingMs: delays.instancePendingMs * factor,
    instanceBootMs: delays.instanceBootMs * factor,
    instanceStoppingMs: delays.instanceStoppingMs * factor,
    instanceShuttingDownMs: delays.instanceShuttingDownMs * factor,
    instanceStatusMs: delays.instanceStatusMs * factor,
    instanceVisibleMs: delays.instanceVisibleMs * factor,
    spotNoticeMs: delays.spotNoticeMs * factor,
    volumeCreateMs: delays.volumeCreateMs * factor,
    volumeDeleteMs: delays.volumeDeleteMs * factor,
    volumeModifyMs: delays.volumeModifyMs * factor,
    volumeOptimizeMs: delays.volumeOptimizeMs * factor,
    attachMs: delays.attachMs * factor,
    detachMs: delays.detachMs * factor,
    detachRetryMs: delays.detachRetryMs * factor,
    snapshotBaseMs: delays.snapshotBaseMs * factor,
    snapshotPerGibMs: delays.snapshotPerGibMs * factor,
    addressEffectMs: delays.addressEffectMs * factor,
    metadataTargetMs: delays.metadataTargetMs * factor,
    metadataAddressMs: delays.metadataAddressMs * factor,
    metadataCredentialsMs: delays.metadataCredentialsMs * factor,
    groupDetectMs: delays.groupDetectMs * factor,
    groupImpairedMs: delays.groupImpairedMs * factor,
    groupReactMs: delays.groupReactMs * factor,
    groupProceedMs: delays.groupProceedMs * factor,
    groupRetryMs: delays.groupRetryMs * factor,
  };
}
