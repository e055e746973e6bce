// The region's private network: a bridge in a namespace that only the gateway holds open, with one
// cable to each instance. Packets are real, and nothing of it is in the host's namespace. A power cut
// pulls the cable first, so that a dying instance's sockets cannot say goodbye to anybody.

import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { command } from "./command.ts";
import { isFromGateway, type ToGateway } from "./gateway-messages.ts";
import { apiIp, metadataIp, prefixBits, routerIp } from "./network-plan.ts";

export interface Network {
  /** Puts the cable's end into the namespace of the process, as an interface named ens5. */
  plug(cable: Cable): Promise<void>;
  /** Nothing passes any more; a cable that is gone already is none. */
  unplug(interfaceName: string): Promise<void>;
  send(message: ToGateway, socket?: Socket): void;
  close(): void;
}

export interface Cable {
  /** The end at the bridge. */
  readonly interfaceName: string;
  readonly mac: string;
  readonly processId: number;
}

export interface NetworkServers {
  readonly metadata: (socket: Socket) => void;
  readonly api: (socket: Socket) => void;
}

/** Where bridge-nf is on, packets on the bridge pass no filter: this namespace has none. */
const gatewayScript = `set -e
ip -batch - <<END
link set lo up
link add br0 address 02:00:00:00:00:01 type bridge
addr add ${routerIp}/${String(prefixBits)} dev br0
addr add ${apiIp}/32 dev br0
addr add ${metadataIp}/32 dev br0
link set br0 up
END
exec "$@"`;

export async function makeNetwork(servers: NetworkServers): Promise<Network> {
  const gateway = spawnGateway();
  await new Promise<void>((resolve, reject) => {
    gateway.on("exit", (code) =>
      reject(new Error(`Cannot run the gateway: exit code ${String(code)}`)),
    );
    gateway.on("error", reject);
    gateway.on("message", (message: unknown, handle: unknown) => {
      if (!isFromGateway(message)) return;
      if (message.kind === "ready") return resolve();
      // The other end may have gone while the socket was handed over.
      if (handle instanceof Socket) servers[message.kind](handle);
    });
  });
  const inside = (orders: string) =>
    command(["nsenter", "--net", "--target", String(gateway.pid), "ip", "-batch", "-"], {
      input: orders,
    });
  return {
    async plug({ interfaceName, mac, processId }) {
      await inside(
        `link add ${interfaceName} type veth peer name ens5 address ${mac} netns ${String(processId)}\n` +
          `link set ${interfaceName} master br0 up\n`,
      );
    },
    async unplug(interfaceName) {
      await inside(`link delete ${interfaceName}\n`).catch(() => undefined);
    },
    send: (message, socket) => void gateway.send(message, socket),
    close: () => void gateway.kill("SIGKILL"),
  };
}

function spawnGateway(): ChildProcess {
  const program = fileURLToPath(new URL("gateway.ts", import.meta.url));
  const argv = ["--net", "sh", "-c", gatewayScript, "sh", process.execPath, program];
  return spawn("unshare", argv, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}
