// Addresses inside a subnet, as far as an instance needs them: the next free one, and the hardware
// address that goes with it.

import { isIPv4 } from "node:net";
import { ApiError } from "../contract.ts";
import { invalidValue } from "./errors.ts";
import type { Region } from "./region.ts";
import type { Subnet } from "./resources.ts";

/** AWS keeps the first four addresses of a subnet; a rehearsal leaves a few more for its host. */
const firstHost = 10;
const hostsMax = 240;

/** AWS keeps the first four addresses of a subnet and the last. */
const keptByAws = 5;
const keptAtStart = 4;

/** The next address of the subnet that no instance has; addresses come round only late. */
export function freePrivateIp(region: Region, subnet: Subnet): string {
  const network = subnet.cidr.split("/")[0]?.split(".").slice(0, 3).join(".") ?? "10.0.0";
  const used = new Set(region.instances.all().map((each) => each.privateIp));
  for (let host = firstHost; host < firstHost + hostsMax; host += 1) {
    const privateIp = `${network}.${host}`;
    if (!used.has(privateIp)) return privateIp;
  }
  throw new ApiError(
    "InsufficientFreeAddressesInSubnet",
    `There are not enough free addresses in subnet '${subnet.id}'.`,
  );
}

/** An address that a caller chose must be the subnet's, not one that AWS keeps, and free. */
export function refuseUnusable(region: Region, { cidr }: Subnet, privateIp: string): void {
  if (!isIPv4(privateIp)) {
    throw invalidValue(`invalid value for parameter address: ${privateIp}`);
  }
  const { first, last } = rangeOf(cidr);
  const number = numberOf(privateIp);
  if (number < first || number > last) {
    throw invalidValue(`Address ${privateIp} does not fall within the subnet's address range`);
  }
  if (number < first + keptAtStart || number === last) {
    throw invalidValue(`Address ${privateIp} is in subnet's reserved address range`);
  }
  if (region.interfaces.all().some((each) => each.privateIp === privateIp)) {
    throw new ApiError("InvalidIPAddress.InUse", `Address ${privateIp} is in use.`);
  }
}

function rangeOf(cidr: string): { readonly first: number; readonly last: number } {
  const [network = "", bits = "24"] = cidr.split("/");
  const first = numberOf(network);
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** Locally administered, and as unique as the address it is made from. */
export function macOf(privateIp: string): string {
  const octets = privateIp.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["0a", "00", ...octets].join(":");
}

/** How many more addresses AWS would count as free. */
export function freeAddresses(region: Region, { id, cidr }: Subnet): number {
  const bits = Number(cidr.split("/")[1] ?? 24);
  const used = region.interfaces.all().filter((each) => each.subnetId === id);
  return 2 ** (32 - bits) - keptByAws - used.length;
}
