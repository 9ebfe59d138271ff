import { assertEquals } from "@std/assert";
import { type AccessTarget, type Action, may, type Standing } from "../../lib/chat/access.ts";
import { Principal, Principals } from "../../lib/chat/people/principal.ts";
import { ROOM_KINDS, type RoomKind, userId, type UserRecord } from "../../lib/store/records.ts";
import { type Role, ROLES } from "../../lib/wire/frames/roles.ts";

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

const ACTIONS: readonly Action[] = [
  "see",
  "read",
  "send",
  "respond",
  "join",
  "add",
  "topic",
  "moderate",
];
const STANDINGS: readonly Standing[] = ["none", "muted", "member", "moderator", "owner"];

/** A room in which ann has this standing. */
function roomFor(kind: RoomKind, standing: Standing): AccessTarget {
  return {
    name: "room",
    kind,
    owner: standing === "owner" ? ANN.id : userId(2),
    standingOf: () => standing,
  };
}

function allowed(kind: RoomKind, { standing, role }: { standing: Standing; role: Role }): string {
  const ann = new Principal({ user: ANN.id, name: "ann", role });
  return ACTIONS.filter((action) => may(ann, action, roomFor(kind, standing))).join(" ");
}

Deno.test("access: what each standing allows a guest in each kind of room", () => {
  const guest = (kind: RoomKind) =>
    STANDINGS.map((standing) => allowed(kind, { standing, role: "guest" }));
  assertEquals(guest("public"), [
    "see read send join",
    "see read join",
    "see read send join",
    "see read send join add topic moderate",
    "see read send join add topic moderate",
  ]);
  assertEquals(guest("private"), [
    "",
    "see read join",
    "see read send join add",
    "see read send join add topic moderate",
    "see read send join add topic moderate",
  ]);
  assertEquals(guest("direct"), [
    "",
    "see read join",
    "see read send join",
    "see read send join",
    "see read send join",
  ]);
  assertEquals(guest("inquiry"), ["", "", "", "", "see read send join"]);
  assertEquals(guest("desk"), ["", "", "", "", ""]);
  assertEquals(guest("notes"), ["", "", "", "", ""]);
  assertEquals(guest("signals"), ["", "", "", "", ""]);
});

Deno.test("access: the asker of an inquiry has no part in its notes, whatever the role", () => {
  for (const role of ROLES) {
    assertEquals(allowed("notes", { standing: "owner", role }), "");
  }
});

Deno.test("access: only a token of a program with the scope opens the desk to it", () => {
  const scopes = ["desk", "answer"];
  const reads = (isBot: boolean, given: readonly string[]) => {
    const account = { user: ANN.id, name: "ann", role: "member", isBot } as const;
    const ann = new Principal(account, { token: 1, scopes: given });
    return (["inquiry", "notes", "desk", "public", "private"] as const)
      .filter((kind) => may(ann, "read", roomFor(kind, "none"))).join(" ");
  };
  assertEquals(reads(true, scopes), "inquiry notes desk");
  assertEquals(reads(true, ["answer"]), "");
  assertEquals(reads(true, ["read", "send", "ask"]), "public");
  assertEquals(reads(false, scopes), "");
});

Deno.test("access: what each role allows a user without a standing in each kind of room", () => {
  const roles = ROLES.map((role) =>
    ROOM_KINDS.map((kind) => allowed(kind, { standing: "none", role }))
  );
  assertEquals(roles, [
    ["see read send join", "", "", "", "", "", ""],
    ["see read send join", "", "", "", "", "", ""],
    ["see read send join topic", "", "", "see read respond join", "see read join", "see read", ""],
    [
      "see read send join topic moderate",
      ...["", "", "see read respond join", "see read join", "see read", ""],
    ],
  ]);
});

Deno.test("access: a muted user writes nothing in a public room, whatever their role", () => {
  assertEquals(
    allowed("public", { standing: "muted", role: "admin" }),
    "see read join topic moderate",
  );
});
