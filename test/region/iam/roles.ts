// The roles of instances, their policies, and the authorization of every call by them. The operator may
// do everything; a role does what its policies allow, and one without any may do nothing. A key that EC2
// may not use for a caller does not fail the creation of a volume: the volume is there, and is gone.

import type { PolicyDocument } from "../../../agent/policy/document.ts";
import type { ApiCall } from "../contract.ts";
import type { Region } from "../state/region.ts";
import { denial } from "./denial.ts";
import { createJudge } from "./judge.ts";
import { anywhere, type Question } from "./question.ts";
import { ec2Questions } from "./questions-ec2.ts";
import { autoScalingQuestions } from "./questions-group.ts";
import { questionsOfAttachment, questionsOfCreation } from "./questions-keys.ts";

/** A question that was asked, and what became of it. */
export interface Verdict extends Question {
  readonly instanceId: string;
  readonly roleName: string;
  readonly allowed: boolean;
}

/** What is to be done to the region once the call has been performed; null for nothing. */
export type Sequel = ((output: Readonly<Record<string, unknown>>) => void) | null;

export interface Roles {
  /** Replaces all that the role had. */
  setPolicies(roleName: string, policies: readonly PolicyDocument[]): void;
  /** Calls `listener` after each question; the returned function ends that. */
  on(listener: (verdict: Verdict) => void): () => void;
  /** Rejects with the service's own refusal. */
  authorize(region: Region, call: ApiCall): Promise<Sequel>;
}

export function createRoles(): Roles {
  const policies = new Map<string, readonly PolicyDocument[]>();
  const listeners = new Set<(verdict: Verdict) => void>();
  const judge = createJudge();

  /** The first question that is answered with no; null where none is. */
  async function firstDenied(
    region: Region,
    { caller }: ApiCall,
    questions: readonly Question[],
  ): Promise<Question | null> {
    const { instanceId } = caller;
    if (instanceId === null) return null;
    const roleName = region.instances.get(instanceId)?.roleName ?? "";
    const held = policies.get(roleName) ?? [];
    let refused: Question | null = null;
    // All of them, so that who listens hears what each would have been answered.
    for (const question of questions) {
      const allowed = await judge(caller, held, question);
      const verdict = { ...question, instanceId, roleName, allowed };
      for (const listener of listeners) listener(verdict);
      if (!allowed) refused ??= question;
    }
    return refused;
  }

  return {
    setPolicies: (roleName, held) => {
      policies.set(roleName, held);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async authorize(region, call) {
      if (call.caller.instanceId === null) return null;
      const refused = await firstDenied(region, call, questionsOf(region, call));
      if (refused !== null) throw denial(call.service, call.caller, refused);
      const keys = keyQuestions(region, call);
      const kept = await firstDenied(region, call, keys);
      if (kept === null) return null;
      if (call.action === "CreateVolume") return (output) => vanish(region, output["VolumeId"]);
      throw denial(call.service, call.caller, kept);
    },
  };
}

function questionsOf(region: Region, call: ApiCall): readonly Question[] {
  const askers = call.service === "ec2" ? ec2Questions : autoScalingQuestions;
  const asker = Object.hasOwn(askers, call.action) ? askers[call.action] : undefined;
  if (asker === undefined) return [anywhere(call.service, call.action)];
  // As where it is performed: the wire gave the input this action's shape.
  return asker(region, call.input as never);
}

function keyQuestions(region: Region, { service, action, input }: ApiCall): readonly Question[] {
  if (service !== "ec2") return [];
  if (action === "CreateVolume") return questionsOfCreation(region, input);
  return action === "AttachVolume" ? questionsOfAttachment(region, input as never) : [];
}

/** "The action can appear to complete, but eventually fails" (CreateVolume, EC2 API reference). */
function vanish(region: Region, volumeId: unknown): void {
  if (typeof volumeId !== "string") return;
  region.clock.after(region.delays.volumeCreateMs / 2, () => {
    const volume = region.volumes.get(volumeId);
    if (volume === undefined) return;
    region.volumes.remove(volumeId);
    region.spawn(() =>
      region.effects.run([volumeId], () => region.machines.deleteVolume(volumeId)),
    );
  });
}
