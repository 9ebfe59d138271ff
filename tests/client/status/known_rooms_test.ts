import { assertEquals } from "@std/assert";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { listKnownRooms } from "../../../lib/client/status/known_rooms.ts";
import { StatusFile } from "../../../lib/client/status/status_file.ts";
import { FakeClock } from "../../support/fakes/fake_clock.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { eventually } from "../../support/waiting.ts";

/** A live line of a person in these rooms, of which nothing is new. */
async function openLine(
  path: string,
  server: string,
  rooms: readonly string[],
): Promise<Disposable> {
  const file = await StatusFile.open(new PrivateFiles(path), new FakeClock());
  if (file === undefined) throw new Error("The folder cannot be written");
  const places = rooms.map((room, at) => ({ room, number: at + 1, unread: 0, calls: 0 }));
  file.update({ server, name: "ada", isOnline: true, waiting: 0, lagMs: undefined, places });
  return file;
}

Deno.test("known rooms: those of all live lines, once each, by name; none without a live line", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  assertEquals(listKnownRooms(path), "");
  {
    using _chat = await openLine(path, "chat:1", ["lobby", "ops"]);
    using _other = await openLine(path, "other:2", ["lobby", "db"]);
    const list = await eventually(() => listKnownRooms(path), (text) => text.length > 10);
    assertEquals(list, "db\nlobby\nops\n");
  }
  assertEquals(listKnownRooms(path), "");
});

Deno.test("known rooms: what a shell would not take for a word is left out", async () => {
  await using folder = await temporaryDirectory();
  const { path } = folder;
  const odd = ["?42", "?42!", "@bob", "a b", "$(id)", "a;b", "a\nb", ""];
  using _line = await openLine(path, "chat:1", [...odd, "ops"]);
  assertEquals(await eventually(() => listKnownRooms(path), (text) => text !== ""), "ops\n");
});
