// The stages of an opening that touch this machine's disks. Only what was born blank here and never
// written is formatted, and only while it reads as blank or carries the very file system that a
// format of ours left; anything else on such a disk refuses by name.

import type { Decision, Opening } from "../domain/decision.ts";
import type { DiskFact, VolumeFact } from "../domain/facts.ts";
import type { Member } from "../domain/mark.ts";
import type { VolumeSettings } from "../domain/settings.ts";
import type { Step } from "../domain/steps.ts";
import { stopUnits } from "./letgo.ts";
import { again, enter, unlessOld } from "./stage.ts";
import { everything, perform, refuse, some, type View } from "./view.ts";

export function format(view: View, opening: Opening): Decision | Opening {
  const steps: Step[] = [];
  for (const part of parts(view, opening)) {
    const { volume, disk, settings } = part;
    if (volume === null || disk?.path == null) {
      return again(`"${part.member.volumeId}" is not here`);
    }
    if (volume.parent !== "blank" || volume.written > 0) continue;
    // Our own mkfs has been here: whole or not, the check that follows tells; it is never wiped.
    if (isFormatted(disk, settings)) continue;
    const objection = holdsSomething(disk);
    if (objection !== null) {
      return refuse(
        "EHA-DISK-NOT-BLANK",
        `"${volume.volumeId}" was made blank and holds ${objection}, wanted nothing: see what wrote to it`,
      );
    }
    steps.push({
      name: "format",
      with: {
        volumeId: volume.volumeId,
        path: disk.path,
        type: settings.filesystem,
        label: settings.name,
      },
    });
  }
  const needed = some(steps);
  if (needed === null) return enter("write", view, opening);
  return perform(needed, {
    why: "blank volumes of a first boot",
    look: { kind: "local" },
    opening: { ...opening, stage: "write" },
  });
}

export function check(view: View, opening: Opening): Decision {
  const steps: Step[] = [];
  for (const { member, disk } of parts(view, opening)) {
    if (disk?.path == null) return again(`"${member.volumeId}" is not here any more`);
    // A file system in use is never checked: what is mounted goes first.
    if (disk.mountedAt.length > 0) return again(`"${member.volumeId}" is mounted already`);
    steps.push({ name: "check", with: { volumeId: member.volumeId, path: disk.path } });
  }
  const needed = some(steps);
  if (needed === null) return again("there is nothing to open");
  return perform(needed, {
    why: "about to be proven and mounted",
    look: { kind: "local" },
    opening: { ...opening, stage: "prove-again" },
  });
}

/** A device that has gone by now means that a late detach arrived: stop, let go, look again. */
export function inspect(view: View, opening: Opening): Decision | Opening {
  for (const { member, volume, disk } of parts(view, opening)) {
    const mine = volume?.attachments.some(
      (entry) => entry.instanceId === view.facts.me.instanceId && entry.state === "attached",
    );
    if (disk?.path == null) return again(`"${member.volumeId}" is not here any more`);
    // Its device is: a list may show it as it was before it was attached.
    if (mine !== true) return unlessOld(view, opening, `"${member.volumeId}" is not attached here`);
  }
  return enter("mount", view, opening);
}

export function mount(view: View, opening: Opening): Decision | Opening {
  const steps: Step[] = [];
  for (const { member, disk, settings } of parts(view, opening)) {
    if (disk?.path == null) return again(`"${member.volumeId}" is not here any more`);
    if (disk.mountedAt.includes(settings.mount)) continue;
    steps.push({
      name: "mount",
      with: {
        volumeId: member.volumeId,
        path: disk.path,
        mountPoint: settings.mount,
        type: settings.filesystem,
        options: settings.options,
      },
    });
  }
  if (steps.length === 0) return enter("settle", view, opening);
  // What runs on a bare mount point would go on writing to the root disk beneath the mount.
  const stop = stopUnits(view, "the seat's volumes are not mounted yet");
  if (stop?.kind === "perform") return { ...stop, opening };
  const { units, volumes } = view.settings;
  const mountPoints = volumes.map((volume) => volume.mount);
  const guard: Step[] =
    units.length === 0 ? [] : [{ name: "guardUnits", with: { units, mountPoints } }];
  const needed = some([...guard, ...steps]);
  if (needed === null) return enter("settle", view, opening);
  return perform(needed, {
    why: "checked",
    look: { kind: "local" },
    opening: { ...opening, stage: "settle" },
  });
}

export function settle(view: View, opening: Opening): Decision {
  const steps: Step[] = [];
  for (const { member, disk, settings } of parts(view, opening)) {
    if (disk?.path == null) return again(`"${member.volumeId}" is not here any more`);
    const { mount: mountPoint, filesystem: type, owner, mode } = settings;
    steps.push({
      name: "settle",
      with: { volumeId: member.volumeId, path: disk.path, mountPoint, type, owner, mode },
    });
  }
  const needed = some(steps);
  if (needed === null) return again("there is nothing to open");
  return perform(needed, {
    why: "mounted",
    look: everything,
    opening: { ...opening, stage: "initialise" },
  });
}

/** The attempt is recorded before the command runs, and its end only after it: never half used. */
export function initialise(view: View, opening: Opening): Decision | Opening {
  for (const { volume, settings } of parts(view, opening)) {
    if (volume === null || volume.init.kind === "done") continue;
    if (view.memory.initialised.includes(volume.volumeId)) continue;
    const command = settings.first?.kind === "blank" ? settings.first.init : null;
    if (command === null) {
      return refuse(
        "EHA-INIT-FAILED",
        `"${volume.volumeId}" was never initialised and the settings name no command: put "init" back, or tag it ec2-ha:init=done`,
      );
    }
    const attempt = volume.init.attempts + 1;
    const step: Step = {
      name: "initialise",
      with: { volumeId: volume.volumeId, command, mountPoint: settings.mount, attempt },
    };
    return perform([step], {
      why: `attempt ${attempt} of the first initialisation`,
      look: everything,
      opening,
    });
  }
  return enter("opened", view, opening);
}

interface Part {
  readonly member: Member;
  readonly settings: VolumeSettings;
  readonly volume: VolumeFact | null;
  readonly disk: DiskFact | null;
}

/** In name order, as the settings are. */
function parts(view: View, opening: Opening): readonly Part[] {
  const { facts } = view;
  return view.settings.volumes.flatMap((settings) => {
    const member = opening.members.find((entry) => entry.name === settings.name);
    if (member === undefined) return [];
    const volume = facts.volumes.find((entry) => entry.volumeId === member.volumeId) ?? null;
    const disk = facts.disks.find((entry) => entry.volumeId === member.volumeId) ?? null;
    return [{ member, settings, volume, disk }];
  });
}

function isFormatted({ content }: DiskFact, settings: VolumeSettings): boolean {
  return content?.kind === "filesystem" && content.ours && content.type === settings.filesystem;
}

/** null where formatting destroys nothing. Unreadable is not blank. */
function holdsSomething(disk: DiskFact): string | null {
  const { content } = disk;
  if (content === null) return "something unknown";
  switch (content.kind) {
    case "blank":
      return null;
    case "filesystem":
      return `a file system (${content.type})`;
    case "foreign":
      return content.what;
    case "unreadable":
      return `something unreadable (${content.why})`;
  }
}
