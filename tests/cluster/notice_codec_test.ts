import { assertEquals } from "@std/assert";
import type { Notice } from "../../lib/cluster/bus.ts";
import { decodeBusMessage, encodeBusMessage } from "../../lib/cluster/notice_codec.ts";
import { roomId, userId } from "../../lib/store/records.ts";

const FROM = "0123456789abcdef";
const ADA = { user: userId(1), name: "ada", connections: 2, rooms: [roomId(1), roomId(9)] };

const NOTICES: readonly Notice[] = [
  { type: "grown", rooms: [[roomId(1), 20], [roomId(9), 3]] },
  {
    type: "membership",
    room: roomId(1),
    change: "joined",
    user: userId(1),
    name: "ada",
    role: "guest",
  },
  {
    type: "membership",
    room: roomId(1),
    change: "joined",
    user: userId(1),
    name: "ada",
    role: "member",
    by: userId(2),
  },
  { type: "direct", room: roomId(7) },
  { type: "typing", room: roomId(7), user: userId(2) },
  { type: "people", version: 3, people: [ADA, { ...ADA, name: "", connections: 0, rooms: [] }] },
  { type: "everyone", version: 3, part: 0, parts: 1, people: [ADA] },
  { type: "pulse", version: 0 },
  { type: "ask" },
  { type: "ask", server: FROM },
  { type: "leaving" },
];

Deno.test("notices: each arrives as it was sent", () => {
  for (const notice of NOTICES) {
    assertEquals(decodeBusMessage(encodeBusMessage({ from: FROM, notice })), {
      from: FROM,
      notice,
    });
  }
});

Deno.test("notices: what is no notice is refused, whatever it looks like", () => {
  for (
    const text of [
      "",
      "hello",
      "null",
      "[]",
      '{"type":"acted"}',
      '{"from":"x","type":"acted"}',
      `{"from":"${FROM}"}`,
      `{"from":"${FROM}","type":"constructor"}`,
      `{"from":"${FROM}","type":"pulse","version":-1}`,
      `{"from":"${FROM}","type":"pulse","version":1.5}`,
      `{"from":"${FROM}","type":"grown","rooms":[[1]]}`,
      `{"from":"${FROM}","type":"grown","rooms":[["1",2]]}`,
      `{"from":"${FROM}","type":"grown","rooms":{"0":[1,2]}}`,
      `{"from":"${FROM}","type":"ask","server":7}`,
      `{"from":"${FROM}","type":"everyone","version":1,"part":2,"parts":2,"people":[]}`,
    ]
  ) assertEquals(decodeBusMessage(text), undefined, text);
});

Deno.test("notices: a name with what a terminal obeys, or without end, is no name", () => {
  for (const name of ["", "a\u001b[2Jb", "x".repeat(256), 7, null]) {
    const notice = { type: "people", version: 1, people: [{ ...ADA, name }] };
    assertEquals(decodeBusMessage(JSON.stringify({ from: FROM, ...notice })), undefined);
  }
});
