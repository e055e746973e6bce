// A call with DryRun: everything that would refuse the call refuses it here too, and nothing comes of
// it otherwise. The action is performed on a copy of the region whose tables nobody sees, whose
// machines do not exist and whose background work never starts.
// EC2 only promises to check the permissions; that it looks at parameters and resources first is
// reported from the field. Authorization stands before the region, so it has been decided by now.

import type { Machines } from "../contract.ts";
import { createEffects } from "./effects.ts";
import { createEvents } from "./events.ts";
import { createIds } from "./ids.ts";
import type { Region, Tables } from "./region.ts";

const nothing = async (): Promise<void> => undefined;

const paperMachines: Machines = {
  createVolume: nothing,
  deleteVolume: nothing,
  growVolume: nothing,
  createSnapshots: nothing,
  deleteSnapshot: nothing,
  attach: nothing,
  detach: async () => "detached",
  launch: nothing,
  powerOff: nothing,
  powerOn: nothing,
  reboot: nothing,
  remove: nothing,
  route: nothing,
  onPowerOff: () => undefined,
};

export function dryCopy(region: Region): Region {
  return {
    ...region,
    ...scratchTables(region),
    machines: paperMachines,
    effects: createEffects(),
    events: createEvents(),
    ids: createIds(0),
    nextPublicIp: () => "198.51.100.0",
    spawn: () => undefined,
  };
}

function scratchTables(region: Region): Tables {
  return {
    vpcs: region.vpcs.scratch(),
    subnets: region.subnets.scratch(),
    images: region.images.scratch(),
    volumes: region.volumes.scratch(),
    modifications: region.modifications.scratch(),
    attachments: region.attachments.scratch(),
    snapshots: region.snapshots.scratch(),
    addresses: region.addresses.scratch(),
    interfaces: region.interfaces.scratch(),
    instances: region.instances.scratch(),
    templates: region.templates.scratch(),
    tokens: region.tokens.scratch(),
    groups: region.groups.scratch(),
    hooks: region.hooks.scratch(),
    members: region.members.scratch(),
    actions: region.actions.scratch(),
    activities: region.activities.scratch(),
    refreshes: region.refreshes.scratch(),
  };
}
