// Where faults enter: a hook that sees each request to either server before it is performed, and
// says what becomes of it. The hook may take its time (a late call is one that was held here and
// performed after its caller had given up), and it alone knows clock and chance.

export interface SeenRequest {
  readonly server: "ec2" | "autoscaling" | "metadata";
  /** The API's action, or IMDS's method and path. */
  readonly what: string;
  /** null for the operator. */
  readonly instanceId: string | null;
}

export type Fate =
  | { readonly kind: "perform" }
  /** Performed; the answer is sent when `until` has resolved. */
  | { readonly kind: "answer late"; readonly until: Promise<void> }
  /** Performed; the connection is cut instead of an answer. */
  | { readonly kind: "lose answer" }
  /** Not performed; the connection is cut. */
  | { readonly kind: "lose request" }
  /** Not performed and never answered; the connection stays open. */
  | { readonly kind: "hang" }
  /** Not performed; refused in the service's own XML (IMDS shows status and message). */
  | {
      readonly kind: "refuse";
      readonly code: string;
      readonly message: string;
      readonly status: number;
    }
  /** Not performed; these bytes are the answer. */
  | { readonly kind: "garble"; readonly status: number; readonly body: string };

export type Intercept = (request: SeenRequest) => Promise<Fate>;

export const letPass: Intercept = async () => ({ kind: "perform" });

/** The second is asked about what the first lets pass. */
export function either(first: Intercept, second: Intercept): Intercept {
  return async (request) => {
    const fate = await first(request);
    return fate.kind === "perform" ? second(request) : fate;
  };
}
