// Protocol 5.4: what a text may hold, and how much of it.

import { assert, assertEquals } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { enter, greet, speak, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

Deno.test("protocol 5.4: a text is kept exactly as it was sent", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await enter(server, "ada");
  for (
    const text of [
      " ",
      "\n\t\n",
      "\u202eabc\u202c \u2066x",
      "e\u0301 \u00e9",
      "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}",
      "\ue000 \u{f0000}",
      "\u{e0041}",
      "\u00a0\u00ad\ufeff",
      `'; DROP TABLE "Messages"; -- %_\\`,
      "\u0300".repeat(1_000),
    ]
  ) {
    assertEquals((await speak(ada, text)).type, "ok", JSON.stringify(text));
    assertEquals((await ada.until("message")).content, text);
  }
  const { events } = await ada.ask({ type: "history", room: "lobby" });
  assertEquals(events[1].content, "\n\t\n");
});

Deno.test("protocol 5.4: what no text may hold is bad_text", async () => {
  await using server = await startTestServer(ROOMY);
  const ada = await greet(server, "ada");
  for (
    const text of [
      "",
      "\0",
      "\r\n",
      "\u0007",
      "\u001b[31m",
      "\u007f",
      "\u0085",
      "\u009b31m",
      "\ud800",
      "\udc00x",
      "\ufffe",
      "\uffff",
      "\ufdd0",
      "\u{1fffe}",
      "\u{10ffff}",
    ]
  ) {
    const refused = await speak(ada, text);
    assertEquals([refused.code, refused.field], ["bad_text", "content"], JSON.stringify(text));
  }
  for (const content of [undefined, null, 7, ["x"], {}, true]) {
    assertEquals((await speak(ada, content)).code, "bad_field", JSON.stringify(content));
  }
});

for (
  const [what, most, over] of [
    ["bytes", "x".repeat(32_768), "x".repeat(32_769)],
    ["bytes of four-byte characters", "\u{1f600}".repeat(8_192), `${"\u{1f600}".repeat(8_192)}x`],
    ["lines", "\n".repeat(999), "\n".repeat(1_000)],
    ["bytes as JSON", '"'.repeat(29_999), '"'.repeat(30_000)],
    ["bytes as JSON, escaped", "\u2028".repeat(9_999), "\u2028".repeat(10_000)],
  ] as const
) {
  Deno.test(`protocol 5.4: a text with the most ${what} is taken, one more is too_long`, async () => {
    await using server = await startTestServer(ROOMY);
    const ada = await enter(server, "ada");
    assertEquals((await speak(ada, most)).type, "ok");
    assertEquals((await ada.until("message")).content, most);
    const longest = Math.max(
      ...ada.raw.split("\n").map((line) => new TextEncoder().encode(line).length),
    );
    assert(longest < 65_536, `a line of ${longest} bytes`);
    const refused = await speak(ada, over);
    assertEquals([refused.code, refused.field], ["too_long", "content"]);
  });
}
