// The program at the region's edge: the only one of the region inside its private network. It
// accepts connections to IMDS and to the API endpoint and hands the sockets themselves to the
// region's process, and it connects the sockets of an Elastic IP's relay, which it is handed, to the
// instance that holds the address. It decides nothing and ends with the region's process.

import { connect, createServer, Socket } from "node:net";
import { type FromGateway, isToGateway } from "./gateway-messages.ts";
import { apiIp, apiPort, metadataIp, metadataPort } from "./network-plan.ts";

/** A machine that does not answer at all (it was cut off) makes its clients wait no longer. */
const connectTimeoutMs = 10_000;

const relayed = new Map<number, Socket[]>();

function main(): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: unknown, handle: unknown) => {
    if (!isToGateway(message)) return;
    if (message.kind === "cut") return cut(message.route);
    // The client may have gone while its socket was handed over.
    if (handle instanceof Socket) relay(message, handle);
  });
  let listening = 0;
  for (const [kind, ip, port] of [
    ["metadata", metadataIp, metadataPort],
    ["api", apiIp, apiPort],
  ] as const) {
    createServer({ pauseOnConnect: true }, (socket) => tell({ kind }, socket)).listen(
      port,
      ip,
      () => {
        listening += 1;
        if (listening === 2) tell({ kind: "ready" });
      },
    );
  }
}

function tell(message: FromGateway, socket?: Socket): void {
  process.send?.(message, socket);
}

interface Relay {
  readonly route: number;
  readonly privateIp: string;
  readonly port: number;
}

function relay({ route, privateIp, port }: Relay, client: Socket): void {
  const server = connect({ host: privateIp, port });
  const pair = [client, server];
  relayed.set(route, [...(relayed.get(route) ?? []), ...pair]);
  server.setTimeout(connectTimeoutMs, () => server.connecting && server.destroy());
  for (const socket of pair) {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      for (const either of pair) either.destroy();
      const others = relayed.get(route)?.filter((other) => !pair.includes(other)) ?? [];
      if (others.length === 0) relayed.delete(route);
      else relayed.set(route, others);
    });
  }
  client.pipe(server);
  server.pipe(client);
}

function cut(route: number): void {
  for (const socket of relayed.get(route) ?? []) socket.resetAndDestroy();
}

main();
