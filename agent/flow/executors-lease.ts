// The steps of the lease and of the record of an opening: the address, the claim, the mark, `written`.
// Each is one write, sent once; the order in which they come is the planner's.

import { Failure } from "../domain/failure.ts";
import { formatMark, formatOpened, formatReleasing } from "../domain/mark.ts";
import type { Outcome, StepArguments } from "../domain/steps.ts";
import { protocolVersion, tags } from "../domain/tags.ts";
import { done, type Executors, refusable } from "./executors-type.ts";
import type { Ports } from "./ports.ts";

type LeaseStep = "associate" | "disassociate" | "prove" | "claim" | "mark" | "write" | "announce";

export function leaseExecutors(ports: Ports): Pick<Executors, LeaseStep> {
  const { writes, autoScaling } = ports;
  return {
    associate: (args) => refusable(() => associate(ports, args)),
    async disassociate(args) {
      await writes.disassociate(args.associationId);
      return done;
    },
    prove: (args) => prove(ports, args),
    async claim(args) {
      const generation = { [tags.generation]: String(args.generation) };
      await writes.tag(args.volumeIds, { ...generation, [tags.opened]: formatOpened(args.opened) });
      return done;
    },
    async mark(args) {
      const value = { [tags.mark]: formatMark(args.mark), [tags.protocol]: protocolVersion };
      await writes.tag([args.allocationId], value);
      if (args.group !== null) await autoScaling.tag(args.group, value);
      return done;
    },
    async write(args) {
      await writes.tag(args.volumeIds, { [tags.written]: String(args.generation) });
      return done;
    },
    async announce(args) {
      await writes.tag(args.volumeIds, { [tags.releasing]: formatReleasing(args.releasing) });
      return done;
    },
  };
}

/** Associating replaces the public address: whatever was connected may hang for good. */
async function associate(ports: Ports, args: StepArguments["associate"]): Promise<Outcome> {
  const associationId = await ports.writes.associate(args.allocationId, args.interfaceId);
  ports.renewConnections();
  return { kind: "lease", associationId };
}

// A describe may be stale: two that agree, this far apart, are believed.
const describesApartMs = 250;

/**
 * R7's proof. Success on a free address is a new lease. AlreadyAssociated is followed by describes
 * that must name this instance twice with one association. Whether EC2 answers a repeated associate to
 * oneself with success or with AlreadyAssociated could not be verified; both come out right here.
 */
async function prove(ports: Ports, args: StepArguments["prove"]): Promise<Outcome> {
  const taken = await refusable(() => associate(ports, args));
  if (taken.kind !== "refused") return taken;
  const { allocationId } = args;
  const first = await ports.reads.address({ allocationId });
  await ports.clock.sleep(describesApartMs);
  const second = await ports.reads.address({ allocationId });
  const agreed =
    first?.associationId === second?.associationId && first?.instanceId === second?.instanceId;
  if (first === null || first.associationId === null || !agreed) {
    const found = "EC2's answers disagree";
    throw new Failure({
      kind: "transient",
      action: "prove the lease of",
      subject: `"${allocationId}"`,
      found,
      next: "asking again",
    });
  }
  if (first.instanceId === args.instanceId) {
    return { kind: "lease", associationId: first.associationId };
  }
  const why = `"${first.publicIp}" is associated to "${first.instanceId ?? "something else"}"`;
  return { kind: "refused", why, code: null };
}
