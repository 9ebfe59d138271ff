// What an operator's client reports by itself, on a clock and a session of the test's own.

import { assertEquals } from "@std/assert";
import { DeskPresence } from "../../../lib/client/desk/desk_presence.ts";
import { ConnectionLost } from "../../../lib/client/exit.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import type { Session } from "../../../lib/client/link/session.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import { newConversation } from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation } from "../../../lib/client/state/conversation_state.ts";
import { logFrom } from "../../../lib/client/state/room_log.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";

const ASKED = { user: 5, from: "ann", state: "open", isSeen: false } as const;

/** An operator who was shown the inquiry 42. */
const SHOWN: Conversation = {
  ...newConversation(TALK),
  you: { user: 7, name: "ada", role: "operator" },
  desk: logFrom(1),
  asked: new Map([[42, 1]]),
  inquiries: new Map([[42, ASKED]]),
};

class Scene {
  readonly clock = new FakeClock();
  readonly done: unknown[] = [];
  conversation = SHOWN;
  isAttended = true;
  isOnline = true;
  /** Refuses the requests; undefined: all are answered. */
  refusal: Error | undefined;
  readonly presence: DeskPresence;
  readonly #over = new AbortController();

  constructor() {
    const { clock } = this;
    const session = {
      request: (frame: unknown) => {
        this.done.push(frame);
        return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
      },
      sendTyping: (room: string) => void this.done.push({ types: room }),
    } as unknown as Session;
    const [conversation, current] = [() => this.conversation, () => this.isOnline];
    this.presence = new DeskPresence({
      loop: {
        get conversation(): Conversation {
          return conversation();
        },
        get session(): Session | undefined {
          return current() ? session : undefined;
        },
        unfollow: (room) => void this.done.push({ unfollowed: room }),
        forgetTyping: ({ from }) => void this.done.push({ forgotten: from }),
      },
      clock,
      random: () => 0,
      signal: this.#over.signal,
      isAttended: () => this.isAttended,
    });
  }
}

Deno.test("desk presence: an inquiry counts as seen once it is shown to an operator who is there", () => {
  const scene = new Scene();
  scene.isAttended = false;
  scene.presence.update();
  assertEquals(scene.done, []);
  scene.isAttended = true;
  scene.presence.update();
  scene.presence.update();
  assertEquals(scene.done, [{ type: "seen", inquiry: 42 }]);
  // Over, and back; or another one of this number, in another epoch.
  scene.conversation = { ...SHOWN, inquiries: new Map() };
  scene.presence.update();
  scene.conversation = SHOWN;
  scene.presence.update();
  assertEquals(scene.done.length, 2);
});

Deno.test("desk presence: a report that is refused for now is sent again as late as the server wants", async () => {
  const scene = new Scene();
  scene.refusal = new ChatError("busy", "Too much to do", { retry: true, afterMs: 2_000 });
  scene.presence.update();
  await settle();
  scene.refusal = undefined;
  scene.presence.update();
  await scene.clock.advance(1_999);
  assertEquals(scene.done.length, 1);
  await scene.clock.advance(1);
  assertEquals(scene.done.length, 2);
  scene.presence.update();
  assertEquals(scene.done.length, 2);
});

Deno.test("desk presence: a report that is refused for good is not sent again, one that is cut off is", async () => {
  const scene = new Scene();
  scene.refusal = new ConnectionLost("gone");
  scene.presence.update();
  await settle();
  scene.refusal = new ChatError("forbidden", "You are no operator");
  scene.presence.update();
  await settle();
  scene.presence.update();
  await scene.clock.advance(3_600_000);
  assertEquals(scene.done.length, 2);
});

Deno.test("desk presence: neither one's own, nor what others have seen, nor what is not shown is reported", () => {
  const scene = new Scene();
  const cases: readonly Partial<Conversation>[] = [
    { inquiries: new Map([[42, { ...ASKED, user: 7 }]]) },
    { inquiries: new Map([[42, { ...ASKED, isSeen: true }]]) },
    { asked: new Map() },
    { desk: undefined },
  ];
  for (const changed of cases) {
    scene.conversation = { ...SHOWN, ...changed };
    scene.presence.update();
  }
  scene.conversation = SHOWN;
  scene.isOnline = false;
  scene.presence.update();
  assertEquals(scene.done, []);
});

Deno.test("desk presence: an inquiry is followed as long as it is the current room", () => {
  const scene = new Scene();
  const visit = (current: string) => {
    scene.conversation = { ...SHOWN, desk: undefined, current };
    scene.presence.update();
  };
  for (const room of ["ops", "?42", "?42", "ops", "lobby"]) visit(room);
  assertEquals(scene.done, [{ unfollowed: "?42" }]);
});

Deno.test("desk presence: typing is reported where it is shown, and not each key", async () => {
  const scene = new Scene();
  const { presence, clock } = scene;
  const type = async (line: string, current: string) => {
    scene.conversation = { ...SHOWN, current };
    presence.typed(() => line);
    await clock.advance(3_000);
  };
  await type("hello", "ops");
  await type("", "?42");
  await type("/claim 42", "?42");
  await type("/answer 43", "ops");
  await type("/answer 43 y", "ops");
  await type("hello", "@bob");
  await type("hello", "?42");
  assertEquals(scene.done, [{ types: "?43" }, { types: "@bob" }, { types: "?42" }]);
  presence.typed(() => "hello");
  await clock.advance(2_000);
  presence.typed(() => "hello you");
  assertEquals(scene.done.length, 4);
});

Deno.test("desk presence: another's typing is forgotten after five seconds", async () => {
  const scene = new Scene();
  scene.presence.noteTyping({ type: "typing", room: "?42", user: 5, from: "ann" });
  await scene.clock.advance(4_000);
  await settle();
  assertEquals(scene.done, []);
  await scene.clock.advance(1_000);
  await settle();
  assertEquals(scene.done, [{ forgotten: "ann" }]);
});
