// Holds the hook of a leaving holder open until its successor has the address. Without it, which of the
// two is faster decides whether the successor has to cut the holder off, and that step is to be seen
// every time.

import type { Api, ApiCall } from "../region/contract.ts";

const turnMs = 100;
// The caller gives up earlier and calls again; what it sent is carried out late, as AWS may do.
const turnsMax = 600;

/** Only calls of an instance for its own hook, while it has the address. */
export function lingering(api: Api, world: Api, sleep: (ms: number) => Promise<void>): Api {
  return {
    async call(call) {
      const { instanceId } = call.caller;
      const own =
        call.action === "CompleteLifecycleAction" && call.input["InstanceId"] === instanceId;
      const leaving = own && call.input["LifecycleHookName"] === "terminate";
      for (let turn = 0; leaving && turn < turnsMax && (await hasAddress(world, call)); turn += 1) {
        await sleep(turnMs);
      }
      return api.call(call);
    },
  };
}

/** Whether any address is associated to the caller. */
export async function hasAddress(world: Api, { caller }: ApiCall): Promise<boolean> {
  const answer = await world.call({
    service: "ec2",
    action: "DescribeAddresses",
    input: {},
    caller,
  });
  const addresses = answer["Addresses"] as readonly { readonly InstanceId?: string }[];
  return addresses.some((address) => address.InstanceId === caller.instanceId);
}
