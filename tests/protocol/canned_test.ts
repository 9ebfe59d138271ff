// Protocol 10.12: ready texts for operators.

import { assertEquals } from "@std/assert";
import { type DeskSettings, NO_DESK_SETTINGS } from "../../lib/chat/desk/desk_settings.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack, greet } from "./scene.ts";

Deno.test("protocol 10.12: a ready text is filled in for an inquiry, and the file that is read again counts at once", async () => {
  let settings: DeskSettings = {
    ...NO_DESK_SETTINGS,
    texts: new Map([["hello", "Hello {asker}, {operator} looks at {inquiry}"], ["bye", "Bye"]]),
  };
  await using server = await startTestServer({ desk: () => settings });
  const [op, ann] = [await comeBack(server, server.adminToken), await greet(server, "ann")];
  await ann.ask({ type: "inquiry", content: "may I?" });
  assertEquals((await op.ask({ type: "canned" })).names, ["hello", "bye"]);
  const { content, inquiry } = await op.ask({ type: "canned", name: "hello", inquiry: 1 });
  assertEquals([content, inquiry], ["Hello ann, admin looks at 1", 1]);
  assertEquals((await op.ask({ type: "canned", name: "other", inquiry: 1 })).field, "name");
  settings = { ...settings, texts: new Map([["other", "x"]]) };
  assertEquals((await op.ask({ type: "canned", name: "other", inquiry: 1 })).content, "x");
  assertEquals((await ann.ask({ type: "canned" })).code, "forbidden");
});
