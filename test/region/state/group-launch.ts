// How a group launches an instance: which zone it tries first, what it launches there, and what it
// notes down where no zone can serve.

import { ApiError } from "../contract.ts";
import { beginActivity, endActivity } from "./activities.ts";
import type { Group, Member, TemplateChoice } from "./group-resources.ts";
import { type LaunchSpec, launchSpec, overTemplate } from "./launch-spec.ts";
import { find } from "./lookup.ts";
import { membersOf } from "./member-states.ts";
import { admit, type Launching } from "./members.ts";
import type { Region } from "./region.ts";
import type { Subnet, Tags, TemplateVersion } from "./resources.ts";
import { templateOf, versionOf } from "./template-versions.ts";

/** Tries the zones from the emptiest on; null where none has capacity. */
export function launchOne(region: Region, group: Group, launching: Launching): Member | null {
  for (const subnet of subnetsByCrowd(region, group)) {
    try {
      const spec = specFor(region, group, subnet);
      const template = resolved(region, group.template);
      return admit(region, group, { spec, template, ...launching });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `${error.message} Launching EC2 instance failed.`;
      const { id } = beginActivity(region, {
        groupName: group.id,
        instanceId: null,
        description: `Launching a new EC2 instance.  Status Reason: ${message}`,
        cause: launching.cause,
        reason: launching.reason,
        zone: subnet.zone,
        subnetId: subnet.id,
      });
      endActivity(region, id, { status: "Failed", message });
    }
  }
  return null;
}

/** Members that are leaving count too: so the replacement goes elsewhere. */
function subnetsByCrowd(region: Region, group: Group): readonly Subnet[] {
  const members = membersOf(region, group.id);
  const last = region.activities.all().findLast((each) => each.groupName === group.id);
  const weight = ({ zone }: Subnet) =>
    members.filter((member) => member.zone === zone).length * 2 + (last?.zone === zone ? 1 : 0);
  return group.subnetIds
    .map((id) => find(region.subnets, "subnet", id))
    .toSorted((one, other) => weight(one) - weight(other));
}

export function specFor(region: Region, group: Group, subnet: Subnet): LaunchSpec {
  const version = templateVersionOf(region, group.template);
  const own = overTemplate(version.data, mixedWish(group));
  const interfaces = own.NetworkInterfaces?.map((each) => ({ ...each, SubnetId: undefined }));
  const wish = { ...own, NetworkInterfaces: interfaces, SubnetId: subnet.id };
  const spec = launchSpec(region, wish);
  return { ...spec, tags: { ...spec.tags, ...tagsOfMembers(group, version.number) } };
}

/** As a member has it: `$Latest` is a number by then. */
export function resolved(region: Region, template: TemplateChoice): TemplateChoice {
  return { ...template, version: String(templateVersionOf(region, template).number) };
}

function templateVersionOf(region: Region, { id, version }: TemplateChoice): TemplateVersion {
  return versionOf(templateOf(region, { LaunchTemplateId: id }), version);
}

/** Of a mixed instances policy, the first type counts: a rehearsal has capacity for each. */
function mixedWish({ mixed }: Group): Parameters<typeof overTemplate>[1] {
  const type = mixed?.LaunchTemplate?.Overrides?.[0]?.InstanceType;
  // The service's model has the type as any text, EC2's has the list of all.
  return type === undefined ? {} : { InstanceType: type as LaunchSpec["type"] };
}

function tagsOfMembers(group: Group, version: number): Tags {
  const propagated = group.tags.filter((tag) => tag.propagate);
  return {
    ...Object.fromEntries(propagated.map((tag) => [tag.key, tag.value])),
    "aws:autoscaling:groupName": group.id,
    "aws:ec2launchtemplate:id": group.template.id,
    "aws:ec2launchtemplate:version": String(version),
  };
}
