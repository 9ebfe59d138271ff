import { assert, assertEquals } from "@std/assert";
import { fitPage } from "../../../lib/server/commands/fit_page.ts";
import { encodeFrame } from "../../../lib/wire/codec.ts";
import { formatJson } from "../../../lib/wire/json.ts";
import { byteLength } from "../../../lib/wire/text.ts";
import { DEFAULT_LIMITS } from "../../../lib/wire/limits.ts";

const events = (content: string) => Array.from({ length: 40 }, (_, seq) => ({ seq, content }));
const maxBytes = DEFAULT_LIMITS.frame;

for (
  const [what, content] of [["plain", "x".repeat(4_000)], [
    "escaped",
    "\u2028".repeat(700),
  ]] as const
) {
  Deno.test(`page: of ${what} texts, as many as fit in a frame, from either end`, () => {
    const first = fitPage(events(content), { maxBytes });
    const last = fitPage(events(content), { maxBytes, keep: "last" });
    assertEquals([first.whole, last.whole], [false, false]);
    assertEquals([first.items[0]?.seq, last.items.at(-1)?.seq], [0, 39]);
    const bytes = byteLength(formatJson(first.items));
    assert(
      bytes < maxBytes && bytes > maxBytes - 8_000 && first.items.length === last.items.length,
    );
  });
}

Deno.test("page: stays within what a client takes, however large the frames this server takes", () => {
  const { items } = fitPage(events("x".repeat(4_000)), { maxBytes: 10 * maxBytes });
  const page = encodeFrame({
    type: "members",
    room: "r".repeat(64),
    members: items.map(({ content }) => ({ user: 1, name: content, role: "guest", here: true })),
    more: true,
  });
  assert(page.length <= maxBytes);
});

Deno.test("page: what fits is whole, and one item always comes", () => {
  assertEquals(fitPage(events("x"), { maxBytes }).whole, true);
  assertEquals(fitPage(events("x".repeat(2_000)), { maxBytes: 1 }).items.length, 1);
  assertEquals(fitPage([], { maxBytes }), { items: [], whole: true });
});
