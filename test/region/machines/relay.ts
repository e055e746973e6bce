// Elastic IPs: each is a loopback address of the host on which a relay listens while the address is
// routed to an instance. Unrouted, its ports refuse; routed anew, every old connection is cut, as
// clients of a moved Elastic IP find theirs dead. Bytes are carried by the gateway, not here.

import { createServer, type Server, type Socket } from "node:net";
import type { Network } from "./network.ts";

export interface Relays {
  route(publicIp: string, privateIp: string | null): Promise<void>;
  /** All of them to nowhere. */
  end(): void;
}

interface Route {
  readonly number: number;
  readonly servers: readonly Server[];
}

export function makeRelays(network: Network, ports: readonly number[]): Relays {
  const routes = new Map<string, Route>();
  let numbers = 0;
  return {
    async route(publicIp, privateIp) {
      const old = routes.get(publicIp);
      routes.delete(publicIp);
      if (old !== undefined) close(network, old);
      if (privateIp === null) return;
      const number = numbers++;
      const forward = (port: number) => (client: Socket) =>
        network.send({ kind: "relay", route: number, privateIp, port }, client);
      const servers = await Promise.all(ports.map((port) => listen(publicIp, port, forward(port))));
      routes.set(publicIp, { number, servers });
    },
    end() {
      for (const route of routes.values()) close(network, route);
    },
  };
}

/** The ports refuse from now on; that a server reports closed later, with its clients, is no matter. */
function close(network: Network, { number, servers }: Route): void {
  for (const server of servers) server.close();
  network.send({ kind: "cut", route: number });
}

function listen(host: string, port: number, forward: (client: Socket) => void): Promise<Server> {
  const server = createServer({ pauseOnConnect: true }, forward);
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen({ host, port }, () => resolve(server));
  });
}
