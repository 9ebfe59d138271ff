import { assert, assertEquals } from "@std/assert";
import { isInNetwork, NetworkBans } from "../../../lib/chat/moderation/networks.ts";
import { RoomSanctions } from "../../../lib/chat/moderation/room_sanctions.ts";
import { ServerSanctions } from "../../../lib/chat/moderation/server_sanctions.ts";
import { type BanRecord, userId } from "../../../lib/store/records.ts";

function ban(more: Partial<BanRecord>): BanRecord {
  const whom = { user: undefined, name: undefined, network: undefined };
  return { id: 1, ...whom, by: "ann", reason: "", created: 0, ends: undefined, ...more };
}

Deno.test("network bans: addresses of both kinds are in them, by their prefix", () => {
  const bans = new NetworkBans([
    ban({ id: 1, network: "192.0.2.0/24" }),
    ban({ id: 2, network: "2001:db8::/32" }),
    ban({ id: 3, network: "192.0.2.7/32", ends: 10 }),
  ]);
  const found = (address: string) => bans.find(address, 5)?.id;
  assertEquals(found("192.0.2.7"), 1);
  assertEquals(found("::ffff:192.0.2.8"), 1);
  assertEquals(found("192.0.3.7"), undefined);
  assertEquals(found("2001:db8:ffff::1"), 2);
  assertEquals(found("2001:db9::1"), undefined);
  assertEquals(found("this process"), undefined);
  const short = new NetworkBans([ban({ network: "10.0.0.0/8", ends: 10 })]);
  assertEquals([short.find("10.1.2.3", 9)?.ends, short.find("10.1.2.3", 10)], [10, undefined]);
});

Deno.test("network bans: a network contains its addresses, however they are written", () => {
  assertEquals(isInNetwork("::ffff:127.0.0.1", "127.0.0.0/8"), true);
  assertEquals(isInNetwork("::1", "127.0.0.0/8"), false);
  assertEquals(isInNetwork("2001:db8::1", "::/0"), true);
});

Deno.test("room sanctions: what was decided for a time ends, a removal does not", () => {
  let now = 5;
  const [ann, bob, eve] = [userId(1), userId(2), userId(3)];
  const plain = { ends: undefined, isRemoved: false };
  const sanctions = new RoomSanctions({
    standings: [
      { ...plain, user: ann, standing: "owner" },
      { ...plain, user: bob, standing: "muted", ends: 10 },
      { ...plain, user: eve, standing: "member", isRemoved: true },
    ],
    bans: [ban({ user: bob, ends: 8, reason: "spam" }), ban({ network: "192.0.2.0/24" })],
  }, { version: 1, now: () => now });
  const kinds = () => [ann, bob, eve].map((user) => sanctions.barOf(user, "192.0.2.7")?.kind);
  // The ban of a network does not hold for those who own the room.
  assertEquals(kinds(), [undefined, "banned", "banned"]);
  assertEquals(sanctions.barOf(bob, undefined), { kind: "banned", until: 8, reason: "spam" });
  assertEquals(sanctions.standingOf(bob), "muted");
  now = 10;
  assertEquals(sanctions.standingOf(bob), "member");
  assertEquals(sanctions.barOf(bob, undefined), undefined);
  assertEquals(sanctions.barOf(eve, undefined), { kind: "removed" });
});

Deno.test("server sanctions: a ban says until when and why, and ends by itself", () => {
  let now = 0;
  const ends = Date.UTC(2026, 10, 28, 12);
  const bans = [ban({ user: userId(2), ends, reason: "threats" }), ban({ network: "10.0.0.0/8" })];
  const sanctions = new ServerSanctions({ entry: 1, isPanic: false, bans }, () => now);
  assertEquals(
    sanctions.refusalOfUser(userId(2)),
    "You are banned from this server until 2026-11-28 12:00:00 UTC: threats",
  );
  assertEquals(sanctions.refusalOfUser(userId(3)), undefined);
  assertEquals(
    sanctions.refusalOfAddress("10.9.9.9"),
    "Your network is banned from this server",
  );
  now = ends;
  assertEquals(sanctions.refusalOfUser(userId(2)), undefined);
  sanctions.replace({ entry: 2, isPanic: true, bans: [] });
  assertEquals([sanctions.isPanic, sanctions.refusalOfAddress("10.9.9.9")], [true, undefined]);
});

Deno.test("network bans: an address is looked up among thousands without comparing it with each", () => {
  const many = Array.from(
    { length: 10_000 },
    (_, at) => ban({ id: at, network: `${10 + (at >> 16)}.${at >> 8 & 255}.${at & 255}.0/24` }),
  );
  const bans = new NetworkBans(many);
  const begun = performance.now();
  for (let time = 0; time < 1_000; time++) {
    assertEquals(bans.find("10.0.7.9", 0)?.id, 7);
    assertEquals(bans.find("192.0.2.7", 0), undefined);
  }
  // Compared one by one it would be minutes.
  assert(performance.now() - begun < 2_000);
});
