// Pagination by the real `aws` program, both ways: the program's own, which asks for page after page
// and hands out tokens of its own making, and the service's, with a page size and its token.

import { CreateVolumeCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at, sortedTexts, textAt } from "./answers.ts";
import { type AwsRig, startAws, testTimeout, whyNot } from "./rig.ts";

const volumes = 12;
const list = "ec2 describe-volumes";
const ids = "--query Volumes[].VolumeId";

describe.skipIf(whyNot !== null)("pages", testTimeout, () => {
  let rig: AwsRig;
  let all: readonly string[] = [];

  beforeAll(async () => {
    rig = await startAws();
    const wish = { AvailabilityZone: "eu-west-1a", Size: 1 };
    const made = await Promise.all(
      Array.from({ length: volumes }, () => rig.region.ec2.send(new CreateVolumeCommand(wish))),
    );
    all = made.map(({ VolumeId }) => VolumeId ?? "").toSorted();
  });

  afterAll(() => rig.close());

  test("the program asks for all pages by itself", async () => {
    expect(sortedTexts(await rig.json(`${list} --page-size 5 ${ids}`))).toEqual(all);
  });

  test("the program stops at a count and goes on where it stopped", async () => {
    const first = await rig.json(`${list} --page-size 5 --max-items 7`);
    const seen = Array.from({ length: 7 }, (_none, index) =>
      textAt(first, `Volumes.${index}.VolumeId`),
    );
    const token = textAt(first, "NextToken");
    const rest = await rig.json(`${list} --page-size 5 ${ids} --starting-token`, token);
    expect(sortedTexts([...seen, ...sortedTexts(rest)])).toEqual(all);
  });

  test("the service's own pages end with one that has no token", async () => {
    const page = `${list} --max-results 10`;
    const first = await rig.json(page);
    expect(at(first, "Volumes")).toHaveLength(10);
    const token = textAt(first, "NextToken");
    const last = await rig.json(`${page} --next-token`, token);
    expect(at(last, "Volumes")).toHaveLength(2);
    expect(last).not.toHaveProperty("NextToken");
    const other = `${page} --filters Name=status,Values=available --next-token`;
    expect(await rig.refused(other, token)).toEqual({
      code: "InvalidParameterValue",
      status: 400,
    });
  });

  test.each([
    ["a page that is too small", "InvalidParameterValue", () => `${list} --max-results 4`],
    ["a token that nobody gave", "InvalidParameterValue", () => `${list} --next-token moon`],
    [
      "a page size beside ids",
      "InvalidParameterCombination",
      () => `${list} --max-results 5 --volume-ids ${all[0]}`,
    ],
  ])("%s is refused", async (_what, code, command) => {
    expect(await rig.refused(command())).toEqual({ code, status: 400 });
  });
});
