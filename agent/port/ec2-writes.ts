// What is done to addresses, tags and instances. The contract: a call is sent once; `transient` means
// that nobody knows whether it happened, and only a look tells. What EC2 answers to say "it is already
// so" counts as done; what it answers to say "not in this state" is a Failure `conflict`.

import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DisassociateAddressCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  type AllocationId,
  type AssociationId,
  associationId,
  type InstanceId,
  type InterfaceId,
} from "../domain/ids.ts";
import type { Tags } from "../domain/tags.ts";
import type { Aws } from "./aws.ts";
import { listOf, must, unless } from "./ec2-answers.ts";

export interface Ec2Writes {
  /** Only if nobody has the address: `conflict` when somebody has, myself included. */
  associate(allocationId: AllocationId, interfaceId: InterfaceId): Promise<AssociationId>;
  /** Of an association that has ended already: done. */
  disassociate(associationId: AssociationId): Promise<void>;
  tag(ids: readonly string[], tags: Tags): Promise<void>;
  terminate(instanceId: InstanceId): Promise<void>;
}

export function ec2Writes({ writing }: Aws): Ec2Writes {
  return {
    async associate(AllocationId, NetworkInterfaceId) {
      const subject = `"${AllocationId}" to "${NetworkInterfaceId}"`;
      const deed = { action: "associate", subject, permission: "ec2:AssociateAddress" };
      const input = { AllocationId, NetworkInterfaceId, AllowReassociation: false };
      const answer = await writing.ec2(deed, (client, options) =>
        client.send(new AssociateAddressCommand(input), options),
      );
      return must(associationId(answer.AssociationId), "AssociationId");
    },
    async disassociate(AssociationId) {
      const subject = `"${AssociationId}"`;
      const deed = { action: "disassociate", subject, permission: "ec2:DisassociateAddress" };
      const send = () =>
        writing.ec2(deed, (client, options) =>
          client.send(new DisassociateAddressCommand({ AssociationId }), options),
        );
      await unless("missing", send);
    },
    async tag(ids, tags) {
      const subject = `"${ids.join('", "')}"`;
      const deed = { action: "tag", subject, permission: "ec2:CreateTags" };
      const input = { Resources: [...ids], Tags: listOf(tags) };
      await writing.ec2(deed, (client, options) =>
        client.send(new CreateTagsCommand(input), options),
      );
    },
    async terminate(instanceId) {
      const subject = `"${instanceId}"`;
      const deed = { action: "terminate", subject, permission: "ec2:TerminateInstances" };
      const send = () =>
        writing.ec2(deed, (client, options) =>
          client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }), options),
        );
      await unless("missing", send);
    },
  };
}
