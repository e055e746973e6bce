// What an example in AWS's API references says, as this project noted it down: the request as its
// parameters stand on the wire, and the elements of the answer. Ids are put in for what stands in
// braces, as in `{instance}`; a note in the answer says what form a value has.

import type { Service } from "../region/contract.ts";

export interface Example {
  readonly service: Service;
  readonly action: string;
  /** The page, and which of its examples. */
  readonly page: string;
  readonly request: readonly string[];
  readonly answer: Documented;
  /** Documented elements that the region does not send, each with the reason. */
  readonly absent?: Readonly<Record<string, string>>;
  /** Where the page contradicts itself or the service, and what was taken instead. */
  readonly erratum?: string;
}

/** A value, the elements of a structure, or the one kind of entry that a list has. */
export type Documented = string | RegExp | { readonly [name: string]: Documented } | [Documented];

/** The forms of values; what is exact on the page is a plain string. */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
export const boolean = /^(true|false)$/;
export const number = /^\d+$/;
export const anything = /^/;
export const address = /^(\d{1,3}\.){3}\d{1,3}$/;
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function id(prefix: string): RegExp {
  return new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);
}
