// Volumes of the process backend, with the instance's own mkfs, mount and fsync.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asRoot, diskOf, launchOf, type Rig, startRig } from "./rig.ts";

const one = launchOf(11);
const two = launchOf(12);
let ids = 0;

describe.skipIf(!asRoot)("volumes", () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig();
    await rig.machines.launch(one);
    await rig.machines.launch(two);
  });

  afterAll(() => rig.stop());

  /** A blank volume of 1 GiB, attached, formatted and mounted at /ID. */
  async function mounted(filesystem: "ext4" | "xfs", instanceId = one.instanceId) {
    const volumeId = `vol-${String(ids++).padStart(17, "0")}`;
    await rig.machines.createVolume({ volumeId, sizeGib: 1, snapshotId: null });
    await rig.machines.attach(volumeId, instanceId);
    await rig.shell(instanceId, `mkfs.${filesystem} -q ${diskOf(volumeId)}`);
    await mount(volumeId, instanceId);
    return volumeId;
  }

  function mount(volumeId: string, instanceId: string) {
    return rig.shell(
      instanceId,
      `mkdir -p /${volumeId} && mount -o noatime ${diskOf(volumeId)} /${volumeId}`,
    );
  }

  test("a volume shows up in sysfs as an NVMe disk with its id as the serial", async () => {
    const volumeId = `vol-${String(ids++).padStart(17, "0")}`;
    await rig.machines.createVolume({ volumeId, sizeGib: 3, snapshotId: null });
    await rig.machines.attach(volumeId, one.instanceId);
    const name = await rig.shell(one.instanceId, `basename $(readlink -f ${diskOf(volumeId)})`);
    expect(name).toMatch(/^nvme\d+n1$/);
    const serial = await rig.shell(one.instanceId, `cat /sys/block/${name}/device/serial`);
    expect(serial).toBe(volumeId.replace("-", ""));
    const model = await rig.shell(one.instanceId, `cat /sys/class/block/${name}/device/model`);
    expect(model).toBe("Amazon Elastic Block Store");
    const size = await rig.shell(
      one.instanceId,
      `lsblk --nodeps --noheadings -b -o SIZE,TYPE /dev/${name}`,
    );
    expect(size.split(/\s+/)).toEqual([String(3 * 2 ** 30), "disk"]);
    expect(await rig.machines.detach(volumeId, one.instanceId)).toBe("detached");
    expect(await rig.shell(one.instanceId, `ls /dev /sys/block | grep -c ${name} || true`)).toBe(
      "0",
    );
  });

  test("a blank volume reads as zeros and blkid finds nothing on it", async () => {
    const volumeId = `vol-${String(ids++).padStart(17, "0")}`;
    await rig.machines.createVolume({ volumeId, sizeGib: 1, snapshotId: null });
    await rig.machines.attach(volumeId, one.instanceId);
    const disk = diskOf(volumeId);
    expect(await rig.shell(one.instanceId, `blkid -p ${disk} || echo "status $?"`)).toBe(
      "status 2",
    );
    await rig.shell(one.instanceId, `cmp -n 67108864 ${disk} /dev/zero`);
  });

  test.each(["ext4", "xfs"] as const)(
    "a power cut loses what was not synced on %s and keeps the rest",
    async (filesystem) => {
      const lost = launchOf(filesystem === "ext4" ? 21 : 22);
      await rig.machines.launch(lost);
      const volumeId = await mounted(filesystem, lost.instanceId);
      await rig.shell(
        lost.instanceId,
        `cd /${volumeId} && echo kept >a && sync a && sync -f . && echo gone >b && echo changed >a`,
      );
      await rig.machines.powerOff(lost.instanceId, "cut");
      expect(await rig.machines.detach(volumeId, lost.instanceId)).toBe("detached");
      await rig.machines.attach(volumeId, two.instanceId);
      await mount(volumeId, two.instanceId);
      expect(await rig.shell(two.instanceId, `cd /${volumeId} && cat a && ls b 2>&1 || true`)).toBe(
        "kept\nls: cannot access 'b': No such file or directory",
      );
      await rig.machines.remove(lost.instanceId);
    },
  );

  test("every write that was synced before a power cut is there after it", async () => {
    const lost = launchOf(23);
    await rig.machines.launch(lost);
    const volumeId = await mounted("ext4", lost.instanceId);
    await rig.shell(
      lost.instanceId,
      `systemd-run --unit=writer sh -c 'cd /${volumeId}; i=0; while :; do i=$((i+1)); echo $i >>n; sync n; echo $i; done'`,
    );
    await rig.event((event) => event.unit === "writer.service" && Number(event.line) > 100);
    await rig.machines.powerOff(lost.instanceId, "cut");
    const last = rig.events.findLast((event) => event.unit === "writer.service");
    const told = Number(last?.line);
    await rig.machines.detach(volumeId, lost.instanceId);
    await rig.machines.attach(volumeId, two.instanceId);
    await mount(volumeId, two.instanceId);
    const found = Number(await rig.shell(two.instanceId, `tail -n 1 /${volumeId}/n`));
    expect(found).toBeGreaterThanOrEqual(told);
  });

  test("a mounted or open volume is busy, and nothing changes by asking", async () => {
    const volumeId = await mounted("ext4");
    expect(await rig.machines.detach(volumeId, one.instanceId)).toBe("busy");
    await rig.shell(one.instanceId, `echo still here >/${volumeId}/file`);
    await rig.shell(one.instanceId, `umount /${volumeId}`);
    await rig.shell(
      one.instanceId,
      `systemd-run --unit=holder sh -c 'exec sleep 60 <${diskOf(volumeId)}'`,
    );
    expect(await rig.machines.detach(volumeId, one.instanceId)).toBe("busy");
    await rig.shell(one.instanceId, "systemctl stop holder");
    expect(await rig.machines.detach(volumeId, one.instanceId)).toBe("detached");
  });

  test("a mounted volume taken by force has what was synced, and nothing written later", async () => {
    const volumeId = await mounted("ext4");
    await rig.shell(one.instanceId, `cd /${volumeId} && echo kept >a && sync a && sync -f .`);
    expect(await rig.machines.detach(volumeId, one.instanceId, "forced")).toBe("detached");
    await rig.shell(one.instanceId, `echo lost >/${volumeId}/b; sync -f /${volumeId} || true`);
    await rig.machines.attach(volumeId, two.instanceId);
    await mount(volumeId, two.instanceId);
    expect(await rig.shell(two.instanceId, `cd /${volumeId} && cat a && ls b 2>&1 || true`)).toBe(
      "kept\nls: cannot access 'b': No such file or directory",
    );
  });

  test("a volume made from a snapshot has its data, and the two go their own ways", async () => {
    const source = await mounted("ext4");
    await rig.shell(one.instanceId, `cd /${source} && echo first >file && sync -f .`);
    await rig.machines.createSnapshots([{ snapshotId: "snap-1", volumeId: source }]);
    await rig.shell(one.instanceId, `cd /${source} && echo second >file && sync -f .`);
    const copy = `vol-${String(ids++).padStart(17, "0")}`;
    await rig.machines.createVolume({ volumeId: copy, sizeGib: 2, snapshotId: "snap-1" });
    await rig.machines.deleteSnapshot("snap-1");
    await rig.machines.attach(copy, two.instanceId);
    await mount(copy, two.instanceId);
    expect(await rig.shell(two.instanceId, `cat /${copy}/file`)).toBe("first");
    await rig.shell(two.instanceId, `echo third >/${copy}/file && sync -f /${copy}`);
    expect(await rig.shell(one.instanceId, `cat /${source}/file`)).toBe("second");
  });

  test("a volume grows under a mounted file system", async () => {
    const volumeId = await mounted("xfs");
    await rig.machines.growVolume(volumeId, 2);
    const sizes = await rig.shell(
      one.instanceId,
      `xfs_growfs /${volumeId} >/dev/null; df --output=size -B1M /${volumeId} | tail -1; ` +
        `cat /sys/block/$(basename $(readlink -f ${diskOf(volumeId)}))/size`,
    );
    const [megabytes, sectors] = sizes.split(/\s+/).map(Number);
    expect(megabytes).toBeGreaterThan(1_900);
    expect(sectors).toBe((2 * 2 ** 30) / 512);
  });
});
