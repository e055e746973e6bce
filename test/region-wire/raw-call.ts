// A call to the region as bytes on a socket: parameters as a documentation page writes them, signed
// by hand (Signature Version 4), and the answer as the XML that came. No SDK stands in between, so
// what its models hide or put right is seen here.

import { createHash, createHmac } from "node:crypto";
import type { Service } from "../region/contract.ts";
import type { Keys } from "./fixture.ts";

export interface RawTarget {
  readonly endpoint: string;
  readonly region: string;
  readonly keys: Keys;
}

export interface RawCall {
  readonly service: Service;
  readonly method: "GET" | "POST";
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export async function callRaw(target: RawTarget, call: RawCall): Promise<RawAnswer> {
  const query = call.parameters
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join("&");
  const isPost = call.method === "POST";
  const body = isPost ? query : "";
  const headers = signed(target, { ...call, query: isPost ? "" : query, body });
  const url = isPost ? `${target.endpoint}/` : `${target.endpoint}/?${query}`;
  const response = await fetch(url, {
    method: call.method,
    headers,
    ...(isPost ? { body } : {}),
  });
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body: await response.text(),
  };
}

interface Signing extends RawCall {
  readonly query: string;
  readonly body: string;
}

function signed(target: RawTarget, call: Signing): Readonly<Record<string, string>> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const day = stamp.slice(0, 8);
  const contentType = "application/x-www-form-urlencoded; charset=utf-8";
  const signedHeaders = "content-type;host;x-amz-date";
  const canonical = [
    call.method,
    "/",
    call.query,
    `content-type:${contentType}`,
    `host:${new URL(target.endpoint).host}`,
    `x-amz-date:${stamp}`,
    "",
    signedHeaders,
    digest(call.body),
  ].join("\n");
  const scope = `${day}/${target.region}/${call.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, digest(canonical)].join("\n");
  const parts = [day, target.region, call.service, "aws4_request", text];
  const start = Buffer.from(`AWS4${target.keys.secretAccessKey}`);
  const signature = parts.reduce(mac, start).toString("hex");
  return {
    "content-type": contentType,
    "x-amz-date": stamp,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${target.keys.accessKeyId}/${scope}, ` +
      `SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function mac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** As Signature Version 4 wants it: more is escaped than `encodeURIComponent` does. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
