// The web server of the address demo, run as `web.service` inside an instance: it answers every
// request with the name of the machine that it runs on, and keeps nothing.

import { createServer } from "node:http";
import { askIdentity } from "./identity.ts";

const environment = process.env;
const { instanceId, zone } = await askIdentity(environment);
const server = createServer((_request, response) => {
  response.setHeader("x-instance", instanceId);
  response.setHeader("x-zone", zone);
  response.end(`Hello from ${instanceId} in ${zone}\n`);
});
server.listen(Number(environment["WEB_PORT"] ?? 80), environment["WEB_HOST"] ?? "0.0.0.0");

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
