import { assert, assertEquals } from "@std/assert";
import {
  isReservedName,
  isReservedRoomName,
  nameKey,
  nameSkeleton,
} from "../../../lib/chat/people/names.ts";

Deno.test("names: two spellings that differ only in case are the same", () => {
  assertEquals(nameKey("Ada-1"), nameKey("aDA-1"));
});

Deno.test("names: digits and letters that look alike meet in the skeleton", () => {
  assertEquals(nameSkeleton("b0b"), nameSkeleton("bob"));
  assertEquals(nameSkeleton("Ian"), nameSkeleton("lan"));
  assertEquals(nameSkeleton("1an"), nameSkeleton("Ian"));
  assert(nameSkeleton("ian") !== nameSkeleton("lan"));
});

for (
  const name of ["admin", "Admin", "adm1n", "adrnin", "r00t", "RO0T", "c0nsole", "All", "here"]
) {
  Deno.test(`names: nobody is called ${name}`, () => assert(isReservedName(name)));
}

for (const name of ["Ali", "Arno", "corn", "ada", "adminton", "hereby"]) {
  Deno.test(`names: somebody may be called ${name}`, () => assert(!isReservedName(name)));
}

Deno.test("names: a room that would sound like the server is refused, db1 beside db-1 is not", () => {
  assertEquals(["System", "db1", "db-1"].map(isReservedRoomName), [true, false, false]);
});
