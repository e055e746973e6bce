// The image of the kill rehearsal: the agent's unit, a key-value service that needs to be initialised,
// and, first on PATH, shims of the programs that the agent runs. A shim kills its parent, which is the
// agent, at the point that the image names, once for each step; then it is out of the way for good.

import { fileURLToPath } from "node:url";
import type { Image } from "../region/machines/image.ts";
import { apiIp, apiPort } from "../region/machines/network-plan.ts";
import { markPrefix } from "./diary.ts";
import { type Point, signs } from "./signs.ts";

export const seatName = "kill";
export const clientPort = 80;
const patienceSeconds = 6;

const bundle = fileURLToPath(new URL("../../dist/ec2-ha-agent.mjs", import.meta.url));
const kvProgram = fileURLToPath(new URL("../demo/service/kv.ts", import.meta.url));
const mountPoint = "/srv/kv";

export function imageOf(regionName: string, point: Point): Image {
  const shims = ["mkfs.ext4", "e2fsck", "systemctl", "systemd-run"];
  return {
    files: [
      { path: "/etc/ec2-ha-agent/config.yaml", text: settings, mode: 0o600 },
      { path: "/etc/systemd/system/ec2-ha-agent.service", text: agentUnit(regionName) },
      { path: "/etc/systemd/system/kv.service", text: kvUnit },
      { path: "/usr/local/bin/first-init", text: firstInit, mode: 0o755 },
      { path: "/usr/local/bin/probe-kv", text: probe, mode: 0o755 },
      { path: "/usr/local/bin/before-snapshot", text: "#!/bin/sh\nsync\n", mode: 0o755 },
      { path: "/etc/kill-plan", text: killPlan() },
      ...shims.map((name) => ({ path: `/usr/local/sbin/${name}`, text: shim(point), mode: 0o755 })),
    ],
    units: ["ec2-ha-agent.service"],
  };
}

/** What the agent is configured with: the policy of its role is printed from it. */
export const settings = `seat: ${seatName}
address: true
volumes:
  data:
    mount: ${mountPoint}
    filesystem: ext4
    owner: root:root
    first: { sizeGib: 1, type: gp3, encrypted: false, init: /usr/local/bin/first-init }
units: [kv.service]
ready: { command: /usr/local/bin/probe-kv, within: 1m }
beforeSnapshot: [/usr/local/bin/before-snapshot]
patience: ${patienceSeconds}s
releaseWithin: 2m
`;

/** Leaves a trace of every run, so that a test can tell how often it ran and that it finished. */
const firstInit = `#!/bin/sh
set -eu
echo "$EC2_HA_ATTEMPT" >> ${mountPoint}/attempts
mkdir -p ${mountPoint}/pairs
touch ${mountPoint}/initialised
sync
`;

const probe = `#!/bin/sh
exec ${process.execPath} -e 'fetch("http://127.0.0.1:${clientPort}/health").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))'
`;

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
RestartSec=100ms

[Install]
WantedBy=multi-user.target
`;

const kvUnit = `[Unit]
Description=Key-value service
ConditionPathExists=${mountPoint}/initialised

[Service]
Environment=KV_DIRECTORY=${mountPoint}/pairs KV_PORT=${clientPort}
ExecStart=${process.execPath} --disable-warning=ExperimentalWarning ${kvProgram}
Restart=on-failure
`;

/** One line for each step: its name, a space, the pattern of its command line. */
function killPlan(): string {
  const lines = Object.entries(signs).flatMap(([step, sign]) =>
    sign.kind === "program" ? [`${step} ${sign.pattern}`] : [],
  );
  return `${lines.join("\n")}\n`;
}

// How long after its answer the agent lives: it has just begun with what comes next.
const afterSeconds = "0.02";

/** `mkdir` is the one thing that succeeds once, whoever races for it. */
function shim(point: Point): string {
  return `#!/bin/sh
agent=$PPID
name=$(basename "$0")
real=$(PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin command -v "$name")
line="$name $*"
hit=
while read -r step pattern; do
  if printf '%s\\n' "$line" | grep -Eq -- "$pattern"; then hit=$step; fi
done < /etc/kill-plan
if [ -z "$hit" ] || ! mkdir "${markPrefix}$hit" 2>/dev/null; then exec "$real" "$@"; fi
case ${point} in
  before) kill -9 "$agent"; exit 1 ;;
  withheld) "$real" "$@"; kill -9 "$agent"; exit 1 ;;
esac
"$real" "$@"
code=$?
(sleep ${afterSeconds}; kill -9 "$agent") > /dev/null 2>&1 &
exit $code
`;
}
