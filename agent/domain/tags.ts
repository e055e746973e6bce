// The tag keys: the only state this program keeps, besides AWS's own. What each one means and who
// may write it when is the protocol's affair (agent/plan); what its value looks like is mark.ts's.

export const tags = {
  seat: "ec2-ha:seat",
  protocol: "ec2-ha:protocol",
  volume: "ec2-ha:volume",
  parent: "ec2-ha:parent",
  generation: "ec2-ha:generation",
  opened: "ec2-ha:opened",
  written: "ec2-ha:written",
  releasing: "ec2-ha:releasing",
  init: "ec2-ha:init",
  of: "ec2-ha:of",
  set: "ec2-ha:set",
  members: "ec2-ha:members",
  reason: "ec2-ha:reason",
  clean: "ec2-ha:clean",
  valid: "ec2-ha:valid",
  mark: "ec2-ha:mark",
  taking: "ec2-ha:taking",
} as const;

/** What this program writes, and the highest it understands. */
export const protocolVersion = "1";

/** Tags as plain data: keys to values. */
export type Tags = Readonly<Record<string, string>>;
