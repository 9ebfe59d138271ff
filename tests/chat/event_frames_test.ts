import { assertEquals } from "@std/assert";
import { authorFields, authorOf, authorOfRecord, toEvent } from "../../lib/chat/event_frames.ts";
import { encodeFrame } from "../../lib/wire/codec.ts";
import { decodeServerFrame } from "../../lib/wire/server_frame.ts";
import type { ServerFrame } from "../../lib/wire/frame.ts";
import type { EventBody } from "../../lib/wire/event.ts";
import { userId } from "../../lib/store/records.ts";

const ADA = { user: userId(1), from: "ada", guest: false };
const POSITION = { room: "ops", seq: 7, time: 1_000 };

/** The event as a reader gets it. */
function received(author: typeof ADA, body: EventBody): unknown {
  return decodeServerFrame(encodeFrame(toEvent(author, body, POSITION) as ServerFrame));
}

Deno.test("events: a message is its author, its position and its body", () => {
  assertEquals(received(ADA, { kind: "message", content: "hello" }), {
    type: "message",
    room: "ops",
    seq: 7,
    user: 1,
    from: "ada",
    time: 1_000,
    content: "hello",
  });
});

Deno.test("events: every field of a body travels, and a guest is marked as one", () => {
  const body = { kind: "response", content: "yes", to: 3 } as const;
  assertEquals(received({ ...ADA, guest: true }, body), {
    type: "response",
    room: "ops",
    seq: 7,
    user: 1,
    from: "ada",
    guest: true,
    time: 1_000,
    content: "yes",
    to: 3,
  });
});

Deno.test("events: a text too long for a frame is cut and marked as cut", () => {
  const { content, cut } = toEvent(
    ADA,
    { kind: "message", content: "\n".repeat(60_000) },
    POSITION,
  );
  assertEquals([(content ?? "").length < 60_000, cut], [true, true]);
});

Deno.test("events: an identity and a stored user are the same author", () => {
  const author = { user: userId(1), from: "ada", guest: true, bot: false };
  assertEquals(authorOf({ user: userId(1), name: "ada", role: "guest" }), author);
  assertEquals(authorOfRecord({ id: userId(1), name: "ada", role: "guest" }), author);
  assertEquals(authorFields({ ...author, guest: false }).guest, undefined);
});
