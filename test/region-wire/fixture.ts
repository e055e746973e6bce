// A wire with an Api that notes what it is asked and answers what it is told, and the real SDK
// clients against it. Retries are off, so that each test sees the first answer.

import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import type { Api, ApiCall } from "../region/contract.ts";
import { type CredentialBook, createCredentialBook } from "../region/wire/credentials.ts";
import type { Intercept } from "../region/wire/intercept.ts";
import { createWire } from "../region/wire/wire.ts";

export interface Fixture {
  readonly calls: readonly ApiCall[];
  readonly book: CredentialBook;
  readonly endpoint: string;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  close(): Promise<void>;
}

export interface FixtureOptions {
  readonly answer?: (call: ApiCall) => Record<string, unknown>;
  readonly nowMs?: () => number;
  readonly intercept?: Intercept;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export async function startWire(options: FixtureOptions = {}): Promise<Fixture> {
  const { answer = () => ({}), nowMs = Date.now, intercept } = options;
  const calls: ApiCall[] = [];
  const api: Api = {
    async call(call) {
      calls.push(call);
      return answer(call);
    },
  };
  const book = createCredentialBook({ accountId: "123456789012", nowMs, roleName: () => "seat" });
  const wire = createWire({
    api,
    credentials: book,
    nowMs,
    regionName: "eu-west-1",
    ...(intercept === undefined ? {} : { intercept }),
  });
  const { port } = await wire.listen(0, "127.0.0.1");
  const endpoint = `http://127.0.0.1:${port}`;
  const clients = clientsOf(endpoint, book.operator);
  return {
    calls,
    book,
    endpoint,
    ...clients,
    async close() {
      clients.ec2.destroy();
      clients.autoScaling.destroy();
      await wire.close();
    },
  };
}

export function clientsOf(
  endpoint: string,
  credentials: Keys,
): { readonly ec2: EC2Client; readonly autoScaling: AutoScalingClient } {
  const settings = { endpoint, credentials, region: "eu-west-1", maxAttempts: 1 };
  return { ec2: new EC2Client(settings), autoScaling: new AutoScalingClient(settings) };
}

/** The error that a call ends with, in the parts that callers look at. */
export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const status = metadataOf(error).httpStatusCode;
    if (!(error instanceof Error)) throw error;
    return { code: error.name, status: status ?? 0, message: error.message };
  }
  throw new Error("Cannot tell the refusal: the call succeeded");
}

function metadataOf(error: unknown): { readonly httpStatusCode?: number } {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return {};
  const { $metadata: metadata } = error;
  return typeof metadata === "object" && metadata !== null ? metadata : {};
}

/** Makes a client send these bytes instead of its command's, signed as they are. */
export function replaceBody(client: EC2Client | AutoScalingClient, body: string): void {
  const where = { step: "build", name: "replaceBody", priority: "high" } as const;
  // The same call twice, since the two stacks have no type in common that can be called.
  if (client instanceof EC2Client) client.middlewareStack.add(replacing(body), where);
  else client.middlewareStack.add(replacing(body), where);
}

function replacing(body: string) {
  return <Args extends { readonly request: unknown }, Output>(
    next: (args: Args) => Promise<Output>,
  ) =>
    async (args: Args): Promise<Output> => {
      if (typeof args.request === "object" && args.request !== null) {
        Object.assign(args.request, { body });
      }
      return next(args);
    };
}
