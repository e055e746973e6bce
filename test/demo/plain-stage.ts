// What the instances of the address pattern are where nobody is root: the same agent and the same web
// server, as plain processes on loopback ports. Only the way in differs: the region's endpoint and
// IMDS are told by the variables that the AWS SDK knows too.

import { fileURLToPath } from "node:url";
import { createPlainMachines, type PlainImage } from "../region/machines/plain.ts";
import type { ClosableMachines, Region } from "../region/region.ts";
import type { LogLine } from "./stage.ts";

const bundle = fileURLToPath(new URL("../../dist/ec2-ha-agent.mjs", import.meta.url));
const settings = fileURLToPath(new URL("plain-settings.yaml", import.meta.url));
const webProgram = fileURLToPath(new URL("service/web.ts", import.meta.url));

/** Open to everybody, unlike port 80. */
export const plainPort = 8080;

export interface PlainStage {
  /** The region that the machines are for: made after them. */
  readonly region: () => Region;
  readonly onLog: (line: Omit<LogLine, "atMs">) => void;
}

export function plainMachines({ region, onLog }: PlainStage): ClosableMachines {
  const image: PlainImage = {
    agent: (port) => {
      const args = ["run", "--config", settings, "--set", `ready.tcp=${port}`];
      return [process.execPath, bundle, ...args];
    },
    environment: async (instanceId) => ({
      AWS_REGION: region().name,
      AWS_ENDPOINT_URL_EC2: region().endpoint,
      AWS_ENDPOINT_URL_AUTO_SCALING: region().endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: await region().listenMetadata(instanceId),
    }),
    units: (port) => ({
      "web.service": `WEB_HOST=127.0.0.1 WEB_PORT=${port} exec "${process.execPath}" "${webProgram}"`,
    }),
  };
  const unit = "ec2-ha-agent.service";
  return createPlainMachines({
    image,
    port: plainPort,
    onLog: (instanceId, text) => onLog({ instanceId, unit, text }),
  });
}
