import { assertEquals } from "@std/assert";
import { may } from "../../lib/chat/access.ts";
import { Principal, Principals } from "../../lib/chat/people/principal.ts";
import { userId, type UserRecord } from "../../lib/store/records.ts";
import type { Role } from "../../lib/wire/frames/roles.ts";

const ANN: UserRecord = { id: userId(1), name: "ann", role: "guest" };

Deno.test("access: only an operator may respond in an inquiry, not its asker", () => {
  const inquiry = { name: "?1", kind: "inquiry", owner: ANN.id } as const;
  const mayRespond = (user: number, role: Role) =>
    may(new Principal({ user: userId(user), name: "x", role }), "respond", inquiry);
  assertEquals([mayRespond(1, "member"), mayRespond(2, "operator")], [false, true]);
});

Deno.test("principals: a user is held as long as one of their principals is open", () => {
  const principals = new Principals();
  const presence = { name: "ann", bind: () => {}, release: () => {} };
  const [one, other] = [principals.open(ANN, presence), principals.open(ANN, presence)];
  one.close();
  one.close();
  assertEquals([...principals.users()], [ANN.id]);
  other.close();
  assertEquals([...principals.users()], []);
});
