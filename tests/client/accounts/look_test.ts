// A look at a code before a login: again while the server has too much to do, as long as there is time.

import { assertEquals, assertRejects } from "@std/assert";
import { lookAtCode } from "../../../lib/client/accounts/look.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { TimeLimit } from "../../../lib/client/time_limit.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";
import { FakeServer } from "../../support/clients/fake_peer.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";

const TIMEOUT_MS = 10_000;
const CODE = { type: "code", kind: "join", from: "admin", server: "fake", rooms: [], uses: 1 };

class Scene implements Disposable {
  readonly clock = new FakeClock();
  readonly server = new FakeServer();
  readonly #limit = new TimeLimit({
    ms: TIMEOUT_MS,
    clock: this.clock,
    parent: new AbortController().signal,
    failure: () => new Failure("unreachable", "No answer"),
  });

  look(): Promise<ServerFrame<"code">> {
    const { clock, server: { connect } } = this;
    const context = { clock, connect, random: () => 0 };
    return lookAtCode(context, { code: "0000000000000000", limit: this.#limit });
  }

  async refuse(after_ms: number): Promise<void> {
    const peer = await this.server.accept();
    await peer.answer("look", { type: "error", code: "rate_limited", message: "Later", after_ms });
  }

  [Symbol.dispose](): void {
    this.#limit[Symbol.dispose]();
  }
}

Deno.test("look: what the server refuses for now is looked at again as late as it wants", async () => {
  using scene = new Scene();
  const looking = scene.look();
  await scene.refuse(2_000);
  await scene.clock.advance(1_999);
  await settle();
  assertEquals(scene.server.attempts, 1);
  await scene.clock.advance(1);
  const peer = await scene.server.accept();
  await peer.answer("look", { ...CODE, expires: 9 });
  assertEquals((await looking).from, "admin");
});

Deno.test("look: a server that wants more time than there is ends it at once", async () => {
  using scene = new Scene();
  const looking = assertRejects(() => scene.look(), ChatError);
  await scene.refuse(TIMEOUT_MS + 1);
  assertEquals((await looking).code, "rate_limited");
  assertEquals(scene.server.attempts, 1);
});
