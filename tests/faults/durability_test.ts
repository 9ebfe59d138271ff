// Stored means on the disk: between a message's arrival and its acknowledgement the log is synced
// completely. Killing the process cannot show that, because the kernel keeps what it wrote; the
// order of its system calls can.

import { assert, assertEquals } from "@std/assert";
import { mayTrace, traceSends } from "./durability/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const SENDS = 20;

const canTrace = mayTrace();
const proven = canTrace ? "" : " (not proven: strace is missing, or may not trace)";

Deno.test({
  name: `durability: no message is acknowledged before it is on the disk [sqlite]${proven}`,
  ignore: !canTrace,
  async fn(): Promise<void> {
    await using home = await temporaryDirectory();
    const { acks, faults } = await traceSends({ directory: home.path, sends: SENDS });
    assertEquals(faults, []);
    assertEquals(acks.length, SENDS);
    for (const ack of acks) {
      assert(!ack.isDirty, `${ack.id} was acknowledged while the log was not synced`);
      assert(ack.syncs >= 1, `${ack.id} was acknowledged and no sync was made for it`);
    }
  },
});
