// Two machines that reach each other by the network alone: two network namespaces with a cable between
// them, which root may make on Linux, or two loopback addresses of this one.

import { findProgram } from "./programs.ts";

export interface Machine {
  /** Its IPv4 address, by which the other one reaches it. */
  readonly address: string;
  /** What runs a program on it: the arguments before it. */
  readonly under: readonly string[];
}

export interface Machines extends AsyncDisposable {
  readonly server: Machine;
  readonly client: Machine;
}

export function openLoopbackMachines(): Machines {
  return {
    server: { address: "127.1.1.1", under: [] },
    client: { address: "127.2.2.2", under: [] },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** @throws when this user may not make network namespaces, see `areNamespacesAllowed` */
export async function openNamespaceMachines(): Promise<Machines> {
  const id = crypto.randomUUID().slice(0, 8);
  const [server, client] = [createMachine(`ps${id}`, 1), createMachine(`pc${id}`, 2)];
  const machines: Machines = {
    server,
    client,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const { name } of [server, client]) await ip("netns", "delete", name);
    },
  };
  for (const { name } of [server, client]) await ip("netns", "add", name);
  await ip(...["link", "add", "cable", "netns", server.name, "type", "veth"], ...[
    ...["peer", "name", "cable", "netns", client.name],
  ]);
  for (const { name, address } of [server, client]) {
    await ip("-n", name, "address", "add", `${address}/24`, "dev", "cable");
    for (const link of ["lo", "cable"]) await ip("-n", name, "link", "set", link, "up");
  }
  return machines;
}

/** Whether this user may make network namespaces here. */
export async function areNamespacesAllowed(): Promise<boolean> {
  if (findProgram("ip") === undefined) return false;
  try {
    await using machines = await openNamespaceMachines();
    return machines.server.under.length > 0;
  } catch {
    return false;
  }
}

function createMachine(name: string, number: number): Machine & { readonly name: string } {
  return {
    name,
    // RFC 5737: for documentation, so that no real network is hidden.
    address: `192.0.2.${number}`,
    under: [findProgram("ip") ?? "ip", "netns", "exec", name],
  };
}

/** @throws when it fails */
async function ip(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(findProgram("ip") ?? "ip", {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
