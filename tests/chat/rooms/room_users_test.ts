import { assertEquals } from "@std/assert";
import { RoomUsers } from "../../../lib/chat/rooms/room_users.ts";
import { userId } from "../../../lib/store/records.ts";

const ADA = userId(1);

Deno.test("room users: the first subscription of a user and the last one are told apart", () => {
  const users = new RoomUsers();
  assertEquals([users.addSubscription(ADA), users.addSubscription(ADA)], [true, false]);
  assertEquals([users.removeSubscription(ADA), users.isSubscribed(ADA)], [false, true]);
  assertEquals([users.removeSubscription(ADA), users.isSubscribed(ADA)], [true, false]);
});

Deno.test("room users: a subscriber's membership is kept, whenever it was known, among many members", () => {
  for (const order of ["member first", "subscription first"]) {
    const users = new RoomUsers();
    if (order === "member first") users.addMember(ADA);
    users.addSubscription(ADA);
    if (order === "subscription first") users.addMember(ADA);
    for (let user = 2; user < 5_000; user++) users.addMember(userId(user));
    assertEquals(users.hasMember(ADA), true, order);
    users.removeSubscription(ADA);
    assertEquals(users.hasMember(ADA), true, order);
    for (let user = 5_000; user < 9_000; user++) users.addMember(userId(user));
    assertEquals(users.hasMember(ADA), false, order);
  }
});

Deno.test("room users: a member is news once, and so is the end of a membership", () => {
  const users = new RoomUsers();
  assertEquals([users.addMember(ADA), users.addMember(ADA)], [true, false]);
  users.addSubscription(ADA);
  assertEquals(users.addMember(ADA), false);
  assertEquals([users.deleteMember(ADA), users.deleteMember(ADA)], [true, false]);
});
