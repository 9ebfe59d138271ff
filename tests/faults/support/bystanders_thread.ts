// The thread on which bystanders chat.

import { Bystanders } from "./bystander.ts";
import type { Beginning } from "./bystanders_apart.ts";
import { observe } from "./observer_thread.ts";
import { Peer } from "../../support/clients/peer.ts";

observe(async ({ address, options }: Beginning) => {
  const bystanders = await Bystanders.begin({ connect: () => Peer.connect(address) }, options);
  return async () => {
    try {
      return await bystanders.conclude();
    } finally {
      await bystanders[Symbol.asyncDispose]();
    }
  };
});
