// What can be wrong with a request before it means anything: its signature, its action, its
// parameters. Each dialect turns a flaw into the code, status and message that its service answers
// with; nothing here knows either service.

export type SignatureFlaw =
  | { readonly kind: "unsigned" }
  | { readonly kind: "malformed signature"; readonly why: string }
  | { readonly kind: "unknown key" }
  | { readonly kind: "wrong token" }
  | { readonly kind: "expired token" }
  | { readonly kind: "wrong signature" }
  | { readonly kind: "wrong scope"; readonly found: string; readonly wanted: string }
  | {
      readonly kind: "skewed clock";
      /** The request's date and the region's own. */
      readonly found: Date;
      readonly now: Date;
      readonly toleranceMs: number;
    };

export type ParameterFlaw =
  | { readonly kind: "unknown action"; readonly action: string; readonly version: string }
  | { readonly kind: "wrong version"; readonly version: string }
  | { readonly kind: "unknown parameter"; readonly name: string }
  | { readonly kind: "missing parameter"; readonly name: string }
  | { readonly kind: "unknown choice"; readonly name: string; readonly value: string }
  | {
      readonly kind: "wrong type";
      readonly name: string;
      readonly value: string;
      readonly wanted: "a number" | "true or false" | "a time" | "base64" | "one value" | "a list";
    };

export type Flaw = SignatureFlaw | ParameterFlaw;
