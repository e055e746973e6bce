// AWS's resources as the ports hand them over: tags still text. Turning them into facts is a pure
// reading (readings.ts), so that every malformed tag is found in one place and none is guessed at.

import type { AddressFact, Attachment, InstanceFact, SnapshotFact, VolumeState } from "./facts.ts";
import type { VolumeId } from "./ids.ts";
import type { Tags } from "./tags.ts";

export interface Address extends Omit<AddressFact, "mark"> {
  readonly tags: Tags;
}

export interface Volume {
  readonly volumeId: VolumeId;
  readonly zone: string;
  readonly state: VolumeState;
  readonly sizeGib: number;
  readonly attachments: readonly Attachment[];
  readonly multiAttach: boolean;
  readonly createdMs: number;
  readonly tags: Tags;
}

export interface Snapshot extends SnapshotFact {
  readonly startedMs: number;
  readonly tags: Tags;
}

export interface Instance {
  readonly instanceId: InstanceFact["instanceId"];
  readonly state: InstanceFact["state"];
  readonly tags: Tags;
}
