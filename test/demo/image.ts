// What the demo's machine image holds: the agent as an operator would install it, and the service
// that it keeps available. Nothing here knows that the region is a rehearsal but the API's endpoint.

import { fileURLToPath } from "node:url";
import type { Image } from "../region/machines/image.ts";
import { apiIp, apiPort } from "../region/machines/network-plan.ts";
import type { Pattern } from "./options.ts";
import type { Durability } from "./service/store.ts";

/** Where clients reach the service, on the Elastic IP as on the instance. */
export const clientPort = 80;
export const seatName = "demo";

const bundle = fileURLToPath(new URL("../../dist/ec2-ha-agent.mjs", import.meta.url));
const kvProgram = fileURLToPath(new URL("service/kv.ts", import.meta.url));
const webProgram = fileURLToPath(new URL("service/web.ts", import.meta.url));
const mountPoint = "/srv/kv";

const settingsTexts: Readonly<Record<Pattern, string>> = {
  stateful: `seat: ${seatName}
address: true
volumes:
  data:
    mount: ${mountPoint}
    filesystem: ext4
    first: { sizeGib: 1, type: gp3, encrypted: false }
units: [kv.service]
ready: { tcp: ${clientPort}, within: 1m }
patience: 1m
`,
  address: `seat: ${seatName}
address: true
units: [web.service]
ready: { tcp: ${clientPort}, within: 1m }
patience: 1m
`,
};

/** What the agent is configured with: the policy of its role is printed from it. */
export function settingsText(pattern: Pattern): string {
  return settingsTexts[pattern];
}

/** `durability` is the one thing that the control of the writer changes. */
export function imageOf(pattern: Pattern, regionName: string, durability: Durability): Image {
  return {
    files: [
      { path: "/etc/ec2-ha-agent/config.yaml", text: settingsTexts[pattern], mode: 0o600 },
      { path: "/etc/systemd/system/ec2-ha-agent.service", text: agentUnit(regionName) },
      { path: "/etc/systemd/system/kv.service", text: kvUnit(durability) },
      { path: "/etc/systemd/system/web.service", text: webUnit },
    ],
    // The service is the agent's to start: it is nowhere enabled.
    units: ["ec2-ha-agent.service"],
  };
}

const agentUnit = (regionName: string): string => `[Unit]
Description=Keeps this instance's seat available
StartLimitIntervalSec=0

[Service]
Environment=AWS_REGION=${regionName}
Environment=AWS_ENDPOINT_URL_EC2=http://${apiIp}:${apiPort}
Environment=AWS_ENDPOINT_URL_AUTO_SCALING=http://${apiIp}:${apiPort}
ExecStart=${process.execPath} ${bundle} run
KillMode=process
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

const kvUnit = (durability: Durability): string => `[Unit]
Description=Key-value service

[Service]
Environment=KV_DIRECTORY=${mountPoint}/pairs KV_PORT=${clientPort} KV_DURABILITY=${durability}
ExecStart=${process.execPath} --disable-warning=ExperimentalWarning ${kvProgram}
Restart=on-failure
`;

const webUnit = `[Unit]
Description=Web server

[Service]
Environment=WEB_PORT=${clientPort}
ExecStart=${process.execPath} ${webProgram}
Restart=on-failure
`;
