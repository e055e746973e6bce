// The region's API server: verifies who calls, decodes what is asked along the SDK's own schemas,
// lets the Api perform it, and answers in the service's own XML. The unchanged SDK and the stock
// command line can use it. It holds no state of the region.

import { randomUUID } from "node:crypto";
import { type Api, ApiError, type Caller, Unanswered } from "../contract.ts";
import { autoScalingDialect } from "./auto-scaling.ts";
import type { CredentialBook } from "./credentials.ts";
import { decodeInput, growTree } from "./decode.ts";
import type { Dialect } from "./dialect.ts";
import { type Answer, type Arrival, createDoor, type Door, type Reply } from "./door.ts";
import { ec2Dialect } from "./ec2.ts";
import { encodeOutput } from "./encode.ts";
import { type Intercept, letPass } from "./intercept.ts";
import { findOperation } from "./shapes.ts";
import { readAuthorization, verify } from "./signature.ts";

export interface WireOptions {
  readonly api: Api;
  readonly credentials: CredentialBook;
  readonly nowMs: () => number;
  /** Where given, requests signed for another region are refused. */
  readonly regionName?: string;
  readonly intercept?: Intercept;
}

export type Wire = Door;

/** One request on its way through. */
interface Passage {
  readonly requestId: string;
  readonly dialect: Dialect;
  readonly parameters: URLSearchParams;
  readonly caller: Caller;
}

export function createWire(options: WireOptions): Wire {
  return createDoor({ nowMs: options.nowMs, reply: (arrival) => reply(arrival, options) });
}

async function reply(arrival: Arrival, options: WireOptions): Promise<Reply> {
  const requestId = randomUUID();
  const parameters = readParameters(arrival);
  const dialect = chooseDialect(arrival, parameters);
  return orRefusal({ dialect, requestId }, async () => {
    const caller = authenticate(arrival, dialect, options);
    return pass({ requestId, dialect, parameters, caller }, options);
  });
}

/** Answers an ApiError in the service's own XML; an error of neither kind is a defect and goes on up. */
async function orRefusal(
  { dialect, requestId }: Pick<Passage, "dialect" | "requestId">,
  work: () => Promise<Reply>,
): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unanswered) {
      const { instead } = error;
      return instead === null ? "cut" : answer(instead.status, instead.body, requestId);
    }
    if (!(error instanceof ApiError)) throw error;
    return answer(error.status, dialect.error(error, requestId), requestId);
  }
}

/** A GET has its parameters in the query, a POST in the body. */
function readParameters({ method, target, body }: Arrival): URLSearchParams {
  if (method === "POST") return new URLSearchParams(body.toString("utf8"));
  return new URLSearchParams(target.split("?", 2)[1] ?? "");
}

/** By what the request was signed for; an unsigned one by the version it names. */
function chooseDialect({ headers }: Arrival, parameters: URLSearchParams): Dialect {
  const service = readAuthorization(headers)?.scope.service;
  const isAutoScaling =
    service === undefined
      ? parameters.get("Version") === autoScalingDialect.version
      : service === autoScalingDialect.service;
  return isAutoScaling ? autoScalingDialect : ec2Dialect;
}

function authenticate(arrival: Arrival, dialect: Dialect, options: WireOptions): Caller {
  const scope = readAuthorization(arrival.headers)?.scope;
  if (scope !== undefined && scope.service !== dialect.service) {
    const { service: found } = scope;
    throw dialect.refusal({ kind: "wrong scope", found, wanted: dialect.service });
  }
  const { regionName: wanted } = options;
  if (scope !== undefined && wanted !== undefined && scope.region !== wanted) {
    throw dialect.refusal({ kind: "wrong scope", found: scope.region, wanted });
  }
  const verdict = verify(arrival, { book: options.credentials, nowMs: options.nowMs() });
  if (verdict.kind === "refused") throw dialect.refusal(verdict.flaw);
  return verdict.caller;
}

async function pass(passage: Passage, options: WireOptions): Promise<Reply> {
  const { dialect, parameters, caller, requestId } = passage;
  const action = parameters.get("Action") ?? "";
  const intercept = options.intercept ?? letPass;
  const fate = await intercept({
    server: dialect.service,
    what: action,
    instanceId: caller.instanceId,
  });
  switch (fate.kind) {
    case "hang":
      return "silence";
    case "lose request":
      return "cut";
    case "garble":
      return answer(fate.status, fate.body, requestId);
    case "refuse":
      throw new ApiError(fate.code, fate.message, fate.status);
    case "perform":
      return perform(action, passage, options.api);
    case "lose answer":
      await perform(action, passage, options.api);
      return "cut";
    case "answer late": {
      const [late] = await Promise.all([perform(action, passage, options.api), fate.until]);
      return late;
    }
  }
}

async function perform(action: string, passage: Passage, api: Api): Promise<Reply> {
  const { dialect, parameters, caller, requestId } = passage;
  const version = parameters.get("Version") ?? "";
  return orRefusal(passage, async () => {
    if (version !== dialect.version) throw dialect.refusal({ kind: "wrong version", version });
    const operation = findOperation(dialect.service, action);
    if (operation === null) throw dialect.refusal({ kind: "unknown action", action, version });
    const rest = [...parameters].filter(([name]) => name !== "Action" && name !== "Version");
    const input = decodeInput(operation.input, growTree(rest), dialect);
    const output = await api.call({ service: dialect.service, action, input, caller });
    const result = encodeOutput(operation.output, output);
    return answer(200, dialect.answer(result, { action, requestId }), requestId);
  });
}

function answer(status: number, body: string, requestId: string): Answer {
  return {
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
    body,
  };
}
