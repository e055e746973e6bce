// The commands as an operator types them, against the rehearsal region: what is printed where, the exit
// code of each ending, and that those which only look change nothing.

import { CreateTagsCommand } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStage, patiently, type Stage } from "../flow/stage.ts";
import { storyOf } from "../flow/story.ts";
import { createDesk, type Desk } from "./program.ts";

const withVolume = `seat: orders
address: true
volumes:
  data: { mount: /srv/no-such-orders, first: { sizeGib: 1 } }
`;
const addressOnly = "seat: orders\naddress: true\nunits: []\n";

let stage: Stage;
let desk: Desk;
let instanceId: string;

beforeEach(async () => {
  stage = await openStage();
  instanceId = await stage.arrival();
  desk = await createDesk(stage.region, await stage.region.listenMetadata(instanceId));
});
afterEach(async () => {
  await stage.close();
  await desk.clear();
});

describe("plan", () => {
  it("prints the decision, changes nothing, and ends with 0", async () => {
    const { code, printed, complained } = await desk.run(["plan"], withVolume);
    expect({ code, complained }).toEqual({ code: 0, complained: "" });
    expect(printed).toBe("wait: no data is seen; one empty answer is never none\n");
    expect(storyOf(stage.calls)).toEqual([]);
  });

  it("--json prints the same as data", async () => {
    const { code, printed } = await desk.run(["plan", "--json"], addressOnly);
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      kind: "perform",
      steps: [{ name: "associate", with: { allocationId: stage.seat.allocationId } }],
      why: `"${stage.seat.publicIp}" is free`,
    });
    expect(storyOf(stage.calls)).toEqual([]);
  });

  it("ends with 1 where it would refuse", async () => {
    const Tags = [{ Key: "ec2-ha:mark", Value: "nonsense" }];
    await stage.region.ec2.send(
      new CreateTagsCommand({ Resources: [stage.seat.allocationId], Tags }),
    );
    const { code, printed } = await desk.run(["plan"], withVolume);
    expect(code).toBe(1);
    expect(printed).toBe(
      `refuse EHA-TAG-MALFORMED: "${stage.seat.allocationId}" has ec2-ha:mark="nonsense", wanted GENERATION INSTANCE TIME ASSOCIATION NAME=VOLUME...: put the tag right\n`,
    );
  });
});

it("status says who holds the seat, as text and as data", async () => {
  const text = await desk.run(["status"], withVolume);
  expect(text.code).toBe(0);
  expect(text.printed).toContain(`seat: orders\ninstance: ${instanceId}\nzone: eu-west-1a\n`);
  const { code, printed } = await desk.run(["status", "--json"], withVolume);
  expect(code).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({
    seat: "orders",
    instance: instanceId,
    lifecycleState: "Pending:Wait",
    address: stage.seat.publicIp,
    holder: null,
    generation: 0,
    mark: null,
    volumes: [],
    newestSet: null,
  });
  expect(storyOf(stage.calls)).toEqual([]);
});

it("sets says so when there are none", async () => {
  expect(await desk.run(["sets"], withVolume)).toMatchObject({
    code: 0,
    printed: "no snapshot sets\n",
  });
  expect(await desk.run(["sets", "--json"], withVolume)).toMatchObject({
    code: 0,
    printed: "[]\n",
  });
});

it("snapshot on an instance that does not hold the seat ends with 1, and takes nothing", async () => {
  const { code, printed } = await desk.run(["snapshot", "--json"], withVolume);
  expect(code).toBe(1);
  expect(JSON.parse(printed)).toMatchObject({
    taken: false,
    why: expect.stringContaining("this instance does not hold the seat"),
  });
  expect(storyOf(stage.calls)).toEqual([]);
});

it("snapshot with a role that may not look says so at once", async () => {
  stage.region.roles.setPolicies(stage.seat.roleName, []);
  const { code, printed } = await desk.run(["snapshot", "--json"], withVolume);
  expect(code).toBe(1);
  expect(JSON.parse(printed)).toMatchObject({
    taken: false,
    why: expect.stringContaining("EHA-DENIED: Cannot describe"),
  });
});

it("version and help need neither settings nor a region", async () => {
  expect(await desk.run(["version", "--json"])).toMatchObject({
    code: 0,
    printed: '{"version":"0.0.0-source"}\n',
  });
  const { code, printed } = await desk.run(["--help"]);
  expect(code).toBe(0);
  expect(printed).toMatch(/^ec2-ha-agent COMMAND /);
});

it("explain needs no more, and ends with 2 for what is no code", async () => {
  const nowhere = ["--config", "/no/such/file"];
  const known = await desk.run(["explain", "denied", ...nowhere]);
  expect(known).toMatchObject({ code: 0, complained: "" });
  expect(known.printed).toMatch(/^EHA-DENIED: /);
  const listed = await desk.run(["explain", "--json", ...nowhere]);
  expect(JSON.parse(listed.printed)).toContainEqual(
    expect.objectContaining({ code: "EHA-USAGE", remedy: "See ec2-ha-agent --help." }),
  );
  const unknown = await desk.run(["explain", "EHA-NOTHING"]);
  expect(unknown).toMatchObject({ code: 2, printed: "" });
  expect(unknown.complained).toContain("EHA-USAGE: Cannot explain");
});

describe("a mistake", () => {
  it("on the command line is one sentence, and ends with 2", async () => {
    expect(await desk.run(["launch"])).toEqual({
      code: 2,
      printed: "",
      complained:
        'ec2-ha-agent: EHA-USAGE: Cannot run: found command "launch", wanted one of run, plan, status, snapshot, sets, iam-policy, explain, version, help: see ec2-ha-agent --help\n',
    });
  });

  it("in the settings is said with all the others, and ends with 2", async () => {
    const { code, printed, complained } = await desk.run(
      ["plan"],
      "seat: Orders!\naddress: perhaps\nunits: []\n",
    );
    expect({ code, printed }).toEqual({ code: 2, printed: "" });
    expect(complained).toContain("ec2-ha-agent: EHA-SETTINGS: Cannot use the settings");
    expect(complained).toContain("seat");
    expect(complained).toContain("address");
  });
});

it("an instance whose IMDS is not there ends a command with 75", async () => {
  const nowhere = await createDesk(stage.region, "http://127.0.0.1:9");
  const { code, printed, complained } = await nowhere.run(["plan"], addressOnly);
  await nowhere.clear();
  expect({ code, printed }).toEqual({ code: 75, printed: "" });
  expect(complained).toContain("ec2-ha-agent: EHA-IMDS: Cannot read IMDS");
});

it("failure mode 23: where the token does not reach a container, the hop limit is named", async () => {
  stage.region.faults.set({ hopLimit: {} });
  const { code, printed, complained } = await desk.run(["plan"], addressOnly);
  expect({ code, printed }).toEqual({ code: 75, printed: "" });
  expect(complained).toContain("ec2-ha-agent: EHA-IMDS: Cannot read IMDS");
  expect(complained).toContain("set the metadata options' hop limit to 2");
});

it("run takes the seat, and a signal ends it with 0 and releases nothing", async () => {
  const { child, ended } = await desk.start(["run"], addressOnly);
  const served = new Promise<void>((resolve) => {
    child.stdout?.on("data", (text: unknown) => {
      if (String(text).includes("held and served")) resolve();
    });
  });
  await expect.poll(() => stage.lifecycleOf(instanceId), patiently).toBe("InService");
  await served;
  const from = stage.calls.length;
  child.kill("SIGTERM");
  const { code, printed, complained } = await ended;
  expect({ code, complained }).toEqual({ code: 0, complained: "" });
  const messages = printed.trim().split("\n").map(messageOf);
  expect(messages.at(0)).toBe("starting");
  expect(messages).toContain("the seat is held and served");
  expect(messages.at(-1)).toBe("stopped");
  expect(storyOf(stage.calls, from)).toEqual([]);
});

it("a signal ends a run that still waits for IMDS, with 0", async () => {
  const nowhere = await createDesk(stage.region, "http://127.0.0.1:9");
  const { child, ended } = await nowhere.start(["run"], addressOnly);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.kill("SIGTERM");
  const { code, complained } = await ended;
  await nowhere.clear();
  expect({ code, complained }).toEqual({ code: 0, complained: "" });
});

function messageOf(line: string): string {
  const entry: unknown = JSON.parse(line);
  return typeof entry === "object" && entry !== null && "msg" in entry ? String(entry.msg) : "";
}
