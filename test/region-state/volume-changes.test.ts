// Changes of volumes in use, and what each type of volume allows.

import { describe, expect, test } from "vitest";
import { codeOf, makeVolume, type Rehearsal, rehearse, zones } from "./rehearsal.ts";

const dayMs = 24 * 3_600_000;

function grow(rehearsal: Rehearsal, VolumeId: string, Size: number): Promise<string> {
  return codeOf(rehearsal.ec2("ModifyVolume", { VolumeId, Size }));
}

async function changeOf(rehearsal: Rehearsal, volumeId: string): Promise<string> {
  const { VolumesModifications: changes } = await rehearsal.ec2("DescribeVolumesModifications", {
    VolumeIds: [volumeId],
  });
  return `${changes?.[0]?.ModificationState} ${changes?.[0]?.Progress}`;
}

describe("a change", () => {
  test("is modifying, optimizing with progress, and completed", async () => {
    const rehearsal = rehearse();
    const volumeId = await makeVolume(rehearsal);
    expect(await codeOf(changeOf(rehearsal, volumeId))).toBe("InvalidVolumeModification.NotFound");
    await grow(rehearsal, volumeId, 20);
    expect(await changeOf(rehearsal, volumeId)).toBe("modifying 0");
    await rehearsal.clock.advance(rehearsal.delays.volumeModifyMs);
    await rehearsal.clock.advance(rehearsal.delays.volumeOptimizeMs / 2);
    expect(await changeOf(rehearsal, volumeId)).toBe("optimizing 50");
    await rehearsal.clock.advance(rehearsal.delays.volumeOptimizeMs / 2);
    expect(await changeOf(rehearsal, volumeId)).toBe("completed 100");
  });

  test("must be complete before the next, and four fit into a day", async () => {
    const rehearsal = rehearse();
    const volumeId = await makeVolume(rehearsal);
    expect(await grow(rehearsal, volumeId, 11)).toBe("success");
    expect(await grow(rehearsal, volumeId, 12)).toBe("IncorrectModificationState");
    for (const size of [12, 13, 14]) {
      await rehearsal.clock.advance(rehearsal.delays.volumeModifyMs);
      await rehearsal.clock.advance(rehearsal.delays.volumeOptimizeMs);
      expect(await grow(rehearsal, volumeId, size)).toBe("success");
    }
    await rehearsal.clock.advance(rehearsal.delays.volumeModifyMs);
    await rehearsal.clock.advance(rehearsal.delays.volumeOptimizeMs);
    expect(await grow(rehearsal, volumeId, 15)).toBe("VolumeModificationRateExceeded");
    await rehearsal.clock.advance(dayMs);
    expect(await grow(rehearsal, volumeId, 15)).toBe("success");
  });

  test("to another type brings that type's performance", async () => {
    const rehearsal = rehearse();
    const volumeId = await makeVolume(rehearsal);
    const { VolumeModification: change } = await rehearsal.ec2("ModifyVolume", {
      VolumeId: volumeId,
      VolumeType: "gp2",
    });
    expect(change).toMatchObject({ OriginalIops: 3000, TargetIops: 100 });
    expect(change?.TargetThroughput).toBeUndefined();
  });
});

describe("types", () => {
  test.each([
    ["gp3 has 3000 IOPS and 125 MiB/s", { VolumeType: "gp3", Size: 1 }, [3000, 125]],
    ["gp2 has 3 IOPS a GiB", { VolumeType: "gp2", Size: 1000 }, [3000, undefined]],
    ["gp2 has 100 IOPS at least", { VolumeType: "gp2", Size: 1 }, [100, undefined]],
    ["io2 has what was asked for", { VolumeType: "io2", Size: 4, Iops: 400 }, [400, undefined]],
    ["st1 has none", { VolumeType: "st1", Size: 125 }, [undefined, undefined]],
  ] as const)("%s", async (_what, wish, performance) => {
    const { Iops, Throughput } = await rehearse().ec2("CreateVolume", {
      AvailabilityZone: zones[0].name,
      ...wish,
    });
    expect([Iops, Throughput]).toEqual(performance);
  });

  test.each([
    ["IOPS for gp2", { VolumeType: "gp2", Size: 9, Iops: 500 }, "InvalidParameterCombination"],
    ["io1 without IOPS", { VolumeType: "io1", Size: 9 }, "InvalidParameterCombination"],
    ["throughput for gp2", { Size: 9, Throughput: 200 }, "InvalidParameterCombination"],
    ["too few IOPS", { VolumeType: "gp3", Size: 9, Iops: 2999 }, "InvalidParameterValue"],
    ["too many IOPS a GiB", { VolumeType: "gp3", Size: 9, Iops: 9000 }, "InvalidParameterValue"],
    [
      "too much throughput for the IOPS",
      { VolumeType: "gp3", Size: 9, Throughput: 1000 },
      "InvalidParameterValue",
    ],
    ["a size that is too small", { VolumeType: "st1", Size: 124 }, "InvalidParameterValue"],
    ["a key without encryption", { Size: 9, KmsKeyId: "alias/a" }, "InvalidParameterDependency"],
  ] as const)("%s is refused", async (_what, wish, code) => {
    const made = rehearse().ec2("CreateVolume", { AvailabilityZone: zones[0].name, ...wish });
    expect(await codeOf(made)).toBe(code);
  });
});
