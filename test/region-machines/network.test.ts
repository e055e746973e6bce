// The region's network: real sockets between instances, to IMDS and the API, and from this host to an
// Elastic IP.

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asRoot, launchOf, type Rig, startRig } from "./rig.ts";

const one = launchOf(11);
const two = launchOf(12);
const publicIp = "127.83.1.1";
const port = 18_080;

/** Says its host name at once, and then whatever it is told. */
const echo = `
const { createServer } = require("node:net");
const { hostname } = require("node:os");
createServer((socket) => {
  socket.on("error", () => undefined);
  socket.write(hostname() + "\\n");
  socket.pipe(socket);
}).listen(${String(port)}, () => console.log("listening"));`;

const unit = `[Service]
ExecStart=${process.execPath} /opt/echo.js
Restart=always
RestartSec=50ms
`;

const image = {
  files: [
    { path: "/opt/echo.js", text: echo },
    { path: "/etc/systemd/system/echo.service", text: unit },
  ],
  units: ["echo.service"],
};

async function greeting(): Promise<{ readonly socket: Socket; readonly host: string }> {
  const socket = createConnection({ host: publicIp, port });
  const [bytes] = await once(socket, "data");
  return { socket, host: String(bytes).trim() };
}

async function refusal(): Promise<string> {
  const socket = createConnection({ host: publicIp, port });
  const [error] = await once(socket, "error");
  return error instanceof Error && "code" in error ? String(error.code) : "no error";
}

describe.skipIf(!asRoot)("network", () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ image, ports: [port] });
    for (const launch of [one, two]) {
      await rig.machines.launch(launch);
      await rig.event(
        ({ instanceId, line }) => instanceId === launch.instanceId && line === "listening",
      );
    }
  });

  afterAll(() => rig.stop());

  test("IMDS knows who asks by the source address", async () => {
    for (const { instanceId, privateIp } of [one, two]) {
      const said = await rig.shell(instanceId, "curl -s http://169.254.169.254/latest/meta-data/");
      expect(said).toBe(`you are ${privateIp}`);
    }
  });

  test("the API endpoint answers inside", async () => {
    expect(await rig.shell(one.instanceId, "curl -s http://10.0.0.2:4566/hello")).toBe(
      "api /hello",
    );
  });

  test("two instances listen on one port and reach each other", async () => {
    const ask = (ip: string) =>
      `curl -s --http0.9 --max-time 1 telnet://${ip}:${String(port)} </dev/null || true`;
    expect(await rig.shell(one.instanceId, ask(two.privateIp))).toBe("ip-10-0-1-12");
    expect(await rig.shell(one.instanceId, ask("127.0.0.1"))).toBe("ip-10-0-1-11");
  });

  test("an Elastic IP reaches its holder, is cut when it moves, and refuses when it is nobody's", async () => {
    expect(await refusal()).toBe("ECONNREFUSED");
    await rig.machines.route(publicIp, one.privateIp);
    const first = await greeting();
    expect(first.host).toBe("ip-10-0-1-11");
    const cut = new Promise((resolve) => first.socket.on("error", resolve).on("close", resolve));
    await rig.machines.route(publicIp, two.privateIp);
    await cut;
    const second = await greeting();
    expect(second.host).toBe("ip-10-0-1-12");
    second.socket.on("error", () => undefined);
    await rig.machines.route(publicIp, null);
    expect(await refusal()).toBe("ECONNREFUSED");
  });

  test("a power cut is silent: the other end hears nothing", async () => {
    const lost = launchOf(13);
    await rig.machines.launch(lost);
    await rig.event(
      ({ instanceId, line }) => instanceId === lost.instanceId && line === "listening",
    );
    await rig.machines.route(publicIp, lost.privateIp);
    const { socket } = await greeting();
    let ended = false;
    socket
      .on("error", () => undefined)
      .on("close", () => {
        ended = true;
      });
    await rig.machines.powerOff(lost.instanceId, "cut");
    socket.write("are you there?");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended).toBe(false);
    socket.destroy();
    await rig.machines.route(publicIp, null);
  });
});
