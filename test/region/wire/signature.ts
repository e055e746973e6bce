// Verifies Signature Version 4 in the Authorization header, as the AWS documentation "Create a
// signed AWS API request" lays it down. The signature is computed over what arrived, with the
// secret of the key it names; nothing that the request says about itself is believed.
// Presigned URLs are not understood: neither the agent nor the command line signs that way here.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../contract.ts";
import type { CredentialBook, Grant } from "./credentials.ts";
import type { SignatureFlaw } from "./flaw.ts";

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export type Verdict =
  | { readonly kind: "genuine"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly flaw: SignatureFlaw };

/** "The signature is valid for five minutes" to either side of the service's clock. */
const toleranceMs = 5 * 60_000;

const algorithm = "AWS4-HMAC-SHA256";

/** null where the request is not signed at all, or in a way that cannot be read. */
export function readAuthorization(headers: IncomingHttpHeaders): Authorization | null {
  const found = headers.authorization?.match(
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/,
  );
  const [, credential = "", signedHeaders = "", signature = ""] = found ?? [];
  const [accessKeyId = "", date = "", region = "", service = "", end] = credential.split("/");
  if (end !== "aws4_request") return null;
  return {
    accessKeyId,
    scope: { date, region, service },
    signedHeaders: signedHeaders.split(";"),
    signature,
  };
}

export function verify(
  request: SignedRequest,
  { book, nowMs }: { readonly book: CredentialBook; readonly nowMs: number },
): Verdict {
  const refused = (flaw: SignatureFlaw): Verdict => ({ kind: "refused", flaw });
  if (request.headers.authorization === undefined) return refused({ kind: "unsigned" });
  const authorization = readAuthorization(request.headers);
  if (authorization === null) return refused(malformed("Authorization header is not understood"));
  const stamp = headerOf(request.headers, "x-amz-date");
  const time = readStamp(stamp);
  if (time === null) return refused(malformed("Authorization header requires a valid X-Amz-Date"));
  const grant = book.find(authorization.accessKeyId);
  if (grant === null) return refused({ kind: "unknown key" });
  const flaw =
    tokenFlaw(grant, headerOf(request.headers, "x-amz-security-token"), nowMs) ??
    clockFlaw(time, nowMs) ??
    signatureFlaw(request, { authorization, stamp, secret: grant.secret });
  return flaw === null ? { kind: "genuine", caller: grant.caller } : refused(flaw);
}

function tokenFlaw(grant: Grant, token: string, nowMs: number): SignatureFlaw | null {
  if (token !== (grant.token ?? "")) return { kind: "wrong token" };
  const isOver = grant.expiration !== null && grant.expiration.getTime() <= nowMs;
  return isOver ? { kind: "expired token" } : null;
}

function clockFlaw(found: Date, nowMs: number): SignatureFlaw | null {
  if (Math.abs(found.getTime() - nowMs) <= toleranceMs) return null;
  return { kind: "skewed clock", found, now: new Date(nowMs), toleranceMs };
}

interface Proof {
  readonly authorization: Authorization;
  readonly stamp: string;
  readonly secret: string;
}

function signatureFlaw(request: SignedRequest, proof: Proof): SignatureFlaw | null {
  const { signedHeaders, signature, scope } = proof.authorization;
  if (!signedHeaders.includes("host")) return malformed("'Host' must be a signed header");
  if (!proof.stamp.startsWith(scope.date)) return malformed("Date in Credential scope is another");
  const wanted = sign(canonicalRequest(request, signedHeaders), proof);
  return timingSafeEqual(wanted, Buffer.from(signature, "hex"))
    ? null
    : { kind: "wrong signature" };
}

function sign(canonical: string, { authorization, stamp, secret }: Proof): Buffer {
  const { date, region, service } = authorization.scope;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = [algorithm, stamp, scope, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<Buffer>(
    (earlier, part) => hmac(earlier, part),
    Buffer.from(`AWS4${secret}`),
  );
  return hmac(key, toSign);
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = "", query = ""] = request.target.split("?", 2);
  const headers = signedHeaders.map((name) => {
    const value = headerOf(request.headers, name).trim().replace(/\s+/g, " ");
    return `${name}:${value}\n`;
  });
  return [
    request.method,
    encoded(path).replaceAll("%2F", "/"),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join("&");
}

function encoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.join(",") ?? "");
}

function readStamp(stamp: string): Date | null {
  const time = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const date = new Date(time);
  return time === stamp || Number.isNaN(date.getTime()) ? null : date;
}

function malformed(why: string): SignatureFlaw {
  return { kind: "malformed signature", why };
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
