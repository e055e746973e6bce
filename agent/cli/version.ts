// The version, as the build puts it in from package.json. Run from its sources the agent has none, and
// says so.

declare const EC2_HA_AGENT_VERSION: string | undefined;

export const version: string =
  typeof EC2_HA_AGENT_VERSION === "string" ? EC2_HA_AGENT_VERSION : "0.0.0-source";
