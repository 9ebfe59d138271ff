import { assertEquals } from "@std/assert";
import { Standings } from "../../lib/chat/standings.ts";
import { userId } from "../../lib/store/records.ts";

const ADA = userId(1);

Deno.test("standings: the first subscription of a user and the last one are told apart", () => {
  const standings = new Standings();
  assertEquals([standings.addSubscription(ADA), standings.addSubscription(ADA)], [true, false]);
  assertEquals([standings.removeSubscription(ADA), standings.isSubscribed(ADA)], [false, true]);
  assertEquals([standings.removeSubscription(ADA), standings.isSubscribed(ADA)], [true, false]);
});

Deno.test("standings: a subscriber's membership is kept, whenever it was known, among many members", () => {
  for (const order of ["member first", "subscription first"]) {
    const standings = new Standings();
    if (order === "member first") standings.addMember(ADA);
    standings.addSubscription(ADA);
    if (order === "subscription first") standings.addMember(ADA);
    for (let user = 2; user < 5_000; user++) standings.addMember(userId(user));
    assertEquals(standings.hasMember(ADA), true, order);
    standings.removeSubscription(ADA);
    assertEquals(standings.hasMember(ADA), true, order);
    for (let user = 5_000; user < 9_000; user++) standings.addMember(userId(user));
    assertEquals(standings.hasMember(ADA), false, order);
  }
});

Deno.test("standings: a member is news once, and so is the end of a membership", () => {
  const standings = new Standings();
  assertEquals([standings.addMember(ADA), standings.addMember(ADA)], [true, false]);
  standings.addSubscription(ADA);
  assertEquals(standings.addMember(ADA), false);
  assertEquals([standings.deleteMember(ADA), standings.deleteMember(ADA)], [true, false]);
});
