// What a server needs for people: their names, ways in, accounts, and who is kept off the server. Knows no
// socket and no SQL.

import type { Cluster } from "../../cluster/cluster.ts";
import type { HubOptions } from "./hub_options.ts";
import { ServerSanctions } from "../moderation/server_sanctions.ts";
import { Accounts } from "../people/accounts.ts";
import { Credentials } from "../people/credentials.ts";
import { NameRegistry } from "../people/name_registry.ts";
import { Naming } from "../people/naming.ts";
import { Principals } from "../people/principal.ts";

export class HubPeople {
  readonly names: NameRegistry;
  readonly principals = new Principals();
  readonly sanctions: ServerSanctions;
  readonly naming: Naming;
  readonly accounts: Accounts;
  readonly credentials: Credentials;

  constructor({ repository, clock, limits, connections }: HubOptions, cluster: Cluster) {
    const { tokens, codes, users } = repository;
    const { principals } = this;
    const names = this.names = new NameRegistry(cluster);
    const gate = this.sanctions = new ServerSanctions(
      repository.moderation.start,
      () => clock.now(),
    );
    this.naming = new Naming({ names, principals, users, codes, gate });
    this.accounts = new Accounts({
      accounts: repository.accounts,
      users,
      clock,
      names,
      principals,
      connections,
      cluster,
      gate,
    });
    this.credentials = new Credentials({
      tokens,
      codes,
      users,
      clock,
      connections,
      cluster,
      limits,
    });
  }
}
