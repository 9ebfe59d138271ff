// What a client shows of moderation, and what it does not show: messages of users whom the person ignores.

import { assertEquals } from "@std/assert";
import {
  follow,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import { FOLLOW, TALK } from "../../../lib/client/state/conversation_policies.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { message, welcome } from "../../support/clients/fake_peer.ts";

const WELCOME = welcome({ features: ["history", "moderation"] });
const IGNORES: ClientFrame = { type: "ignores" };

function begun(): Conversation {
  return follow(receive(newConversation(TALK), WELCOME).conversation, "ops", 0);
}

function texts({ lines }: Step): readonly string[] {
  return lines.map((line) => line.kind === "event" ? line.event.content ?? "" : line.text);
}

Deno.test("client moderation: a conversation for a person asks whom they ignore, once and silently", () => {
  const first = receive(newConversation(TALK), WELCOME);
  assertEquals(first.asks.map(({ frame }) => frame), [IGNORES]);
  const taken = receive(first.conversation, { type: "ignores", users: [] }, IGNORES);
  assertEquals(texts(taken), []);
  assertEquals(receive(taken.conversation, WELCOME).asks, []);
  assertEquals(receive(newConversation(FOLLOW), WELCOME).asks, []);
  assertEquals(receive(newConversation(TALK), welcome()).asks, []);
});

Deno.test("client moderation: what an ignored user writes is not shown, and leaves no gap", () => {
  const users = [{ user: 9, name: "bob" }];
  let { conversation } = receive(begun(), { type: "ignores", users }, IGNORES);
  const take = (frame: ServerFrame, request?: ClientFrame) => {
    const step = receive(conversation, frame, request);
    conversation = step.conversation;
    return step;
  };
  assertEquals(texts(take(message(1, { room: "ops", user: 9, content: "spam" }))), []);
  const after = take(message(2, { room: "ops", user: 8, content: "well" }));
  assertEquals([texts(after), after.asks], [["well"], []]);
  const off: ClientFrame = { type: "ignore", user: "bob", on: false };
  take({ type: "ok", user: 9 }, off);
  assertEquals(texts(take(message(3, { room: "ops", user: 9, content: "sorry" }))), ["sorry"]);
  take({ type: "ok", user: 8 }, { type: "ignore", user: "eve", on: true });
  assertEquals(texts(take(message(4, { room: "ops", user: 8, content: "and" }))), []);
  assertEquals(texts(take({ type: "ignores", users }, IGNORES)), ["You ignore bob"]);
});

Deno.test("client moderation: who was muted or removed, by whom and why, is one line", () => {
  const about = { room: "ops", user: 9, from: "bob", time: 1, by: "ann", reason: "spam" } as const;
  const standing = { type: "standing", standing: "muted", until: 1_795_870_800_000 } as const;
  assertEquals(texts(receive(begun(), { ...standing, ...about })), [
    "bob is muted in #ops until 2026-11-28 13:00 UTC, by ann: spam",
  ]);
  assertEquals(texts(receive(begun(), { type: "left", code: "kicked", ...about })), [
    "bob was removed from #ops by ann: spam",
  ]);
  const own = begun().you?.user ?? 0;
  const banned = { type: "left", code: "banned", ...about, user: own, from: "ada" } as const;
  assertEquals(texts(receive(begun(), banned)), ["You were banned from #ops by ann: spam"]);
  const other = receive(begun(), { ...standing, ...about, room: "other" });
  assertEquals(texts(other), []);
});

Deno.test("client moderation: bans and acts are a line each", () => {
  const bans: ServerFrame = {
    type: "bans",
    bans: [{ ban: 1, network: "192.0.2.0/24", by: "ann", time: 1_795_870_800_000 }],
    more: true,
  };
  assertEquals(texts(receive(begun(), bans)), [
    "192.0.2.0/24, banned by ann on 2026-11-28 13:00 UTC",
    "… and more",
  ]);
  const entry = { entry: 1, time: 1_795_870_800_000, user: 7, from: "ann", room: "ops" } as const;
  const acts: ServerFrame = {
    type: "moderation",
    entries: [
      { ...entry, act: "kick", target: 9, name: "bob", detail: "member", reason: "spam" },
      { ...entry, act: "standing", target: 9, name: "bob", detail: "moderator" },
    ],
    more: false,
  };
  assertEquals(texts(receive(begun(), acts)), [
    "2026-11-28 13:00 UTC · ann removed bob from #ops: spam",
    "2026-11-28 13:00 UTC · ann set bob in #ops to moderator",
  ]);
  assertEquals(texts(receive(begun(), { type: "bans", bans: [], more: false })), [
    "Nobody is banned",
  ]);
});
