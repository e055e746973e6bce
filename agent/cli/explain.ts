// `explain`: what a code means, how it comes about, what to do. It needs nothing of the machine that it
// runs on, so that it also works at a desk. A code that does not exist is answered by those like it.

import { shown } from "../domain/legible.ts";
import { nearest } from "../domain/nearest.ts";
import { type ErrorCode, type Explanation, explanations } from "./explanations.ts";
import type { Report } from "./report.ts";

export type Explained =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly message: string };

const codes = Object.keys(explanations).filter(isCode).toSorted();

/** Of one code, in capitals or not, with its prefix or without; of all where none is named. */
export function explain(asked: string | null): Explained {
  if (asked === null) return { ok: true, report: everyCode() };
  const wanted = inFull(asked);
  const code = codes.find((entry) => entry === wanted);
  if (code !== undefined) return { ok: true, report: oneCode(code) };
  const near = nearest(wanted, codes, lettersMax).slice(0, nearestCount).join(", ");
  const message = `Cannot explain ${shown(asked, askedCharactersMax)}: it is no code, wanted one such as ${near}: "ec2-ha-agent explain" lists them all`;
  return { ok: false, message };
}

/** Of what was asked, so much is worth repeating. */
const askedCharactersMax = 40;
const nearestCount = 3;
/** A code that is as unlike as can be is still an example of one. */
const lettersMax = 100;

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(explanations, text);
}

function inFull(asked: string): string {
  const text = asked.trim().toUpperCase();
  return text.startsWith("EHA-") ? text : `EHA-${text}`;
}

function everyCode(): Report {
  const data = codes.map((code) => ({ code, ...explanations[code] }));
  const width = Math.max(...codes.map((code) => code.length));
  const rows = data.map(({ code, meaning }) => `${code.padEnd(width)}  ${meaning}`);
  return { data, text: rows.join("\n") };
}

function oneCode(code: ErrorCode): Report {
  const explanation = explanations[code];
  return { data: { code, ...explanation }, text: textOf(code, explanation) };
}

function textOf(code: ErrorCode, { meaning, causes, remedy }: Explanation): string {
  const listed = causes.map((cause) => `  - ${cause}`);
  return [`${code}: ${meaning}`, "", "It comes about when:", ...listed, "", remedy].join("\n");
}
