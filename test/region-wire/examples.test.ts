// Every action that the agent uses, held against the examples of AWS's API references: the request as
// the page writes it is sent raw, and the answer must have the documented elements in the documented
// places. Where a page errs, or where the region leaves something out, the example says so.

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findOperation } from "../region/wire/shapes.ts";
import { differences, strangers } from "./documented.ts";
import { type Documented, type Example, uuid } from "./example.ts";
import { type ExampleStage, type Names, startExampleStage } from "./example-stage.ts";
import { groups } from "./examples-of-groups.ts";
import { reads } from "./examples-of-reads.ts";
import { writes } from "./examples-of-writes.ts";
import { callRaw, type RawAnswer, type RawCall } from "./raw-call.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

const examples: readonly Example[] = [...reads, ...writes, ...groups];

const versions = { ec2: "2016-11-15", autoscaling: "2011-01-01" } as const;

let stage: ExampleStage;

beforeEach(async () => {
  stage = await startExampleStage();
});

afterEach(() => stage.region.close());

function send(
  { service, action, request }: Pick<Example, "service" | "action" | "request">,
  method: RawCall["method"] = "POST",
): Promise<RawAnswer> {
  const { endpoint, name: region, operatorKey: keys } = stage.region;
  const lines = [`Action=${action}`, `Version=${versions[service]}`, ...request];
  const parameters = lines.map((line): [string, string] => {
    const cut = line.indexOf("=");
    return [line.slice(0, cut), putIn(line.slice(cut + 1), stage.names)];
  });
  return callRaw({ endpoint, region, keys }, { service, method, parameters });
}

function putIn(text: string, names: Names): string {
  return text.replaceAll(/\{([a-z ]+)\}/g, (_whole, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`Cannot put in "${name}": the stage has none`);
    return value;
  });
}

function withNames(wanted: Documented, names: Names): Documented {
  if (typeof wanted === "string") return putIn(wanted, names);
  if (wanted instanceof RegExp) return wanted;
  if (Array.isArray(wanted)) return [withNames(wanted[0], names)];
  return Object.fromEntries(
    Object.entries(wanted).map(([name, part]) => [name, withNames(part, names)]),
  );
}

function namesIn(element: XmlElement): readonly string[] {
  return element.children.flatMap((child) => [child.name, ...namesIn(child)]);
}

/** The result: at the top in EC2, in an element of its own in Auto Scaling where there is one. */
function resultOf(root: XmlElement, { service, action }: Example): XmlElement {
  if (service === "ec2") return root;
  return root.children.find(({ name }) => name === `${action}Result`) ?? root;
}

describe("an example of the API reference", () => {
  test.each(examples)("$action ($page)", async (example) => {
    const { service, action } = example;
    const answer = await send(example);
    expect(answer.status).toBe(200);
    expect(answer.contentType).toContain("text/xml");
    const root = parseXml(answer.body);
    expect(root).toMatchObject({
      name: `${action}Response`,
      namespace:
        service === "ec2"
          ? "http://ec2.amazonaws.com/doc/2016-11-15/"
          : "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    });
    const envelope: Documented =
      service === "ec2" ? { requestId: uuid } : { ResponseMetadata: { RequestId: uuid } };
    expect(differences(root, envelope)).toEqual([]);
    const result = resultOf(root, example);
    expect(differences(result, withNames(example.answer, stage.names))).toEqual([]);
    const absent = new Set(Object.keys(example.absent ?? {}));
    expect(namesIn(result).filter((name) => absent.has(name))).toEqual([]);
    const output = findOperation(service, action)?.output;
    const envelopes = new Set(["requestId", "return", "ResponseMetadata"]);
    expect(
      output === undefined ? ["no such action"] : strangers(result, output, envelopes),
    ).toEqual([]);
  });

  test("can be sent as the pages have it, in the query of a GET", async () => {
    const [example] = reads;
    if (example === undefined) throw new Error("Cannot send an example: there is none");
    const answer = await send(example, "GET");
    expect(differences(parseXml(answer.body), withNames(example.answer, stage.names))).toEqual([]);
  });

  test("is there for every action that the agent asks a permission for", () => {
    const folder = new URL("../../agent/port/", import.meta.url);
    const source = readdirSync(folder)
      .map((name) => readFileSync(new URL(name, folder), "utf8"))
      .join("\n");
    const ec2 = [...source.matchAll(/permission: "ec2:(\w+)"/g)].map(([, action]) => action);
    const autoScaling = [...source.matchAll(/deedOf\([^)]*, "(\w+)"\)/g)].map(
      ([, action]) => action,
    );
    const used = new Set([...ec2, ...autoScaling]);
    expect(used.size).toBeGreaterThan(0);
    expect(used).toEqual(new Set(examples.map(({ action }) => action)));
  });
});

describe("a documented error", () => {
  interface ErrorExample extends Pick<Example, "service" | "action" | "page" | "request"> {
    readonly answer: Documented;
  }
  const errors: readonly ErrorExample[] = [
    {
      page: "EC2 API Reference, Example error response",
      service: "ec2",
      action: "DescribeInstances",
      request: ["InstanceId.1=i-1a2b3c4d"],
      answer: {
        Errors: [
          {
            Code: "InvalidInstanceID.NotFound",
            Message: "The instance ID 'i-1a2b3c4d' does not exist",
          },
        ],
        RequestID: uuid,
      },
    },
    {
      page: "EC2 API Reference, Common client error codes",
      service: "ec2",
      action: "DescribeVolumes",
      request: ["Colour=red"],
      answer: { Errors: [{ Code: "UnknownParameter" }], RequestID: uuid },
    },
    {
      page: "Auto Scaling API Reference, Common Errors",
      service: "autoscaling",
      action: "DescribeLifecycleHooks",
      request: [],
      answer: { Error: { Type: "Sender", Code: "ValidationError" }, RequestId: uuid },
    },
    {
      page: "Auto Scaling API Reference, API_DescribeAutoScalingGroups",
      service: "autoscaling",
      action: "DescribeAutoScalingGroups",
      request: ["NextToken=none"],
      answer: { Error: { Type: "Sender", Code: "InvalidNextToken" }, RequestId: uuid },
    },
    {
      page: "Auto Scaling API Reference, API_TerminateInstanceInAutoScalingGroup",
      service: "autoscaling",
      action: "TerminateInstanceInAutoScalingGroup",
      request: ["InstanceId={waiting member}", "ShouldDecrementDesiredCapacity=false"],
      answer: { Error: { Type: "Sender", Code: "ScalingActivityInProgress" }, RequestId: uuid },
    },
  ];

  test.each(errors)("$action ($page)", async ({ answer: wanted, ...call }) => {
    const answer = await send(call);
    expect(answer.status).toBe(400);
    const root = parseXml(answer.body);
    const isEc2 = call.service === "ec2";
    expect(root.name).toBe(isEc2 ? "Response" : "ErrorResponse");
    expect(differences(root, wanted)).toEqual([]);
  });
});
