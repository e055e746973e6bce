// Elastic IPs. An association is the seat's lease, so these rules are the sharpest here: with
// reassociation refused, one caller among many succeeds; every change of holder has a new
// association id; and an id that is no longer current can take nothing from anybody.

import type {
  AllocateAddressRequest,
  AllocateAddressResult,
  AssociateAddressRequest,
  AssociateAddressResult,
  DisassociateAddressRequest,
  ReleaseAddressRequest,
} from "@aws-sdk/client-ec2";
import { ApiError } from "../contract.ts";
import {
  alreadyAssociated,
  incorrectInstanceState,
  invalidCombination,
  invalidValue,
  required,
} from "./errors.ts";
import { findAddress, findInstance, findInterface } from "./lookup.ts";
import { showAddresses } from "./metadata.ts";
import { pace, type Region } from "./region.ts";
import type { Address, Association, Instance } from "./resources.ts";
import { tagsFor } from "./tags.ts";

/** The default quota of a Region. */
const addressesMax = 5;

export function allocateAddress(
  region: Region,
  input: AllocateAddressRequest,
): AllocateAddressResult {
  const rows = region.addresses.all();
  if (rows.length >= addressesMax) {
    throw new ApiError("AddressLimitExceeded", "The maximum number of addresses has been reached.");
  }
  const address: Address = {
    id: region.ids.next("eipalloc"),
    publicIp: freeElasticIp(region, input.Address),
    association: null,
    tags: tagsFor("elastic-ip", input.TagSpecifications),
  };
  region.addresses.put(address);
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: region.name,
  };
}

export function releaseAddress(region: Region, input: ReleaseAddressRequest): object {
  const address = addressOf(region, input);
  // Seen in the field from this very command line; all addresses are of a VPC now.
  if (input.AllocationId === undefined) {
    throw invalidValue("You must specify an allocation id when releasing a VPC elastic IP address");
  }
  if (address.association !== null) {
    throw new ApiError("InvalidIPAddress.InUse", `Address '${address.publicIp}' is in use.`);
  }
  region.addresses.remove(address.id);
  return {};
}

export function associateAddress(
  region: Region,
  input: AssociateAddressRequest,
): AssociateAddressResult {
  const address = addressOf(region, input);
  const instance = holderOf(region, input);
  refuseForeign(instance, input.PrivateIpAddress);
  const mayMove = input.AllowReassociation !== false;
  const current = address.association;
  if (current !== null) {
    const isMine = current.interfaceId === instance.interfaceId;
    const succeeds = mayMove || region.rules.associateToSelf === "succeeds-same-association";
    if (isMine && succeeds) return { AssociationId: current.id };
    if (!mayMove) throw alreadyAssociated(address.id, current.id);
  }
  const other = addressAt(region, instance.interfaceId);
  if (other !== undefined && !mayMove) {
    throw alreadyAssociated(instance.interfaceId, other.association?.id ?? other.id);
  }
  if (other !== undefined) associate(region, other, null);
  const association: Association = {
    id: region.ids.next("eipassoc"),
    instanceId: instance.id,
    interfaceId: instance.interfaceId,
    privateIp: instance.privateIp,
  };
  associate(region, address, association);
  return { AssociationId: association.id };
}

export function disassociateAddress(region: Region, input: DisassociateAddressRequest): object {
  const { AssociationId: associationId, PublicIp: publicIp } = input;
  if (associationId === undefined) {
    const address = addressOf(region, { PublicIp: required(publicIp, "AssociationId") });
    associate(region, address, null);
    return {};
  }
  const address = region.addresses.all().find((each) => each.association?.id === associationId);
  if (address === undefined) {
    throw new ApiError(
      "InvalidAssociationID.NotFound",
      `The association ID '${associationId}' does not exist`,
    );
  }
  associate(region, address, null);
  return {};
}

/** Takes the addresses off an instance that ends. */
export function releaseAddresses(region: Region, instanceId: string): void {
  for (const address of region.addresses.all()) {
    if (address.association?.instanceId === instanceId) associate(region, address, null);
  }
}

/** The new holder counts at once; traffic and IMDS follow later. */
function associate(region: Region, address: Address, association: Association | null): void {
  const loser = address.association?.instanceId;
  region.addresses.change(address.id, { association });
  region.spawn(async () => {
    const { publicIp } = address;
    await pace(region, { kind: "route", id: publicIp }, region.delays.addressEffectMs);
    await region.effects.run([publicIp], () => route(region, publicIp));
  });
  if (loser !== undefined) giveAutomaticIp(region, loser);
  for (const instanceId of new Set([loser, association?.instanceId])) {
    if (instanceId !== undefined) showAddresses(region, instanceId);
  }
}

/** An instance that loses its Elastic IP gets a new public address, not the one it had before. */
function giveAutomaticIp(region: Region, instanceId: string): void {
  const instance = region.instances.get(instanceId);
  if (instance === undefined || instance.autoPublicIp === null) return;
  region.instances.change(instanceId, { autoPublicIp: region.nextPublicIp() });
}

/** Routes to whoever holds the address by now: an older change that comes late does no harm. */
async function route(region: Region, publicIp: string): Promise<void> {
  const address = region.addresses.all().find((each) => each.publicIp === publicIp);
  const privateIp = address?.association?.privateIp ?? null;
  await region.machines.route(publicIp, privateIp);
  region.events.emit({
    atMs: region.clock.nowMs(),
    kind: "route",
    id: publicIp,
    from: null,
    to: privateIp,
    detail: address === undefined ? {} : { allocationId: address.id },
  });
}

function addressOf(
  region: Region,
  input: { readonly AllocationId?: string | undefined; readonly PublicIp?: string | undefined },
): Address {
  const { AllocationId: allocationId, PublicIp: publicIp } = input;
  if (allocationId !== undefined && publicIp !== undefined) {
    throw invalidCombination(
      "You may specify public IP or allocation id, but not both in the same call",
    );
  }
  if (allocationId !== undefined) return findAddress(region, allocationId);
  const given = required(publicIp, "AllocationId");
  const address = region.addresses.all().find((each) => each.publicIp === given);
  if (address !== undefined) return address;
  throw new ApiError("InvalidAddress.NotFound", `Address '${given}' not found.`);
}

/** The instance by itself or by its interface; each has exactly one here. */
function holderOf(region: Region, input: AssociateAddressRequest): Instance {
  const { InstanceId: instanceId, NetworkInterfaceId: interfaceId } = input;
  if (instanceId !== undefined && interfaceId !== undefined) {
    throw invalidCombination("You may specify instance id or network interface id, but not both");
  }
  if (interfaceId !== undefined) {
    const instance = findInstance(region, findInterface(region, interfaceId).instanceId);
    if (canHold(instance)) return instance;
    throw incorrectInstanceState(
      `The instance '${instance.id}' of '${interfaceId}' is '${instance.state}'`,
    );
  }
  const instance = findInstance(region, required(instanceId, "InstanceId"));
  if (canHold(instance)) return instance;
  throw new ApiError(
    "InvalidInstanceID",
    `The ${instance.state} instance '${instance.id}' is not in a valid state for this operation.`,
  );
}

/** An interface has one private address here; EC2's words for any other are not known. */
function refuseForeign(instance: Instance, privateIp: string | undefined): void {
  if (privateIp === undefined || privateIp === instance.privateIp) return;
  throw invalidValue(`Address ${privateIp} is not assigned to interface ${instance.interfaceId}`);
}

function canHold(instance: Instance): boolean {
  return ["running", "stopping", "stopped"].includes(instance.state);
}

function addressAt(region: Region, interfaceId: string): Address | undefined {
  return region.addresses.all().find((each) => each.association?.interfaceId === interfaceId);
}

/** Any, or the one that the caller had once and wants back. */
function freeElasticIp(region: Region, wanted: string | undefined): string {
  const used = new Set(region.addresses.all().map((each) => each.publicIp));
  for (let index = 1; index <= addressesMax + 1; index += 1) {
    const publicIp = region.elasticIp(index);
    if (used.has(publicIp)) continue;
    if (wanted === undefined || wanted === publicIp) return publicIp;
  }
  if (wanted !== undefined) {
    throw new ApiError("InvalidAddress.NotFound", `Address '${wanted}' not found.`);
  }
  throw new Error("Cannot allocate an address: the pool repeats itself");
}
