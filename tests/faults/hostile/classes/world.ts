// Classes about what is asked of whom and when: before login, twice, of rooms that are not there, with
// cursors from nowhere, with texts that mean something to a database, and real traffic with bits turned.

import {
  type Answer,
  answered,
  concat,
  FOUNDERS_INQUIRY,
  type FrameGenerator,
  HOSTILE_ROOM,
  type HostileCase,
  type HostileClass,
  posted,
  refused,
  type Reply,
  SILENT_ROOM,
} from "../case.ts";
import { harmless, REQUESTS } from "../requests.ts";

const injections: HostileClass = {
  number: 18,
  title: "texts that mean something to a database",
  generate(generator): HostileCase {
    const { random } = generator;
    const sql = random.pick([
      "' OR '1'='1",
      "'; DROP TABLE Messages; --",
      '" OR ""="',
      "1 UNION SELECT * FROM Tokens",
      "\\' OR 1=1 #",
      "%",
      "_%_",
      "\\",
      "lobby'/*",
      "x'; ATTACH DATABASE '/tmp/x' AS x; --",
      "?",
      ":name $1 @p",
      "¿' OR 1=1",
      "NULL",
      "${7*7} {{7*7}}",
    ]);
    switch (random.integer(0, 7)) {
      case 0:
        return generator.request("join", { room: `${sql}-`, create: true }, refused("bad_name"));
      case 1:
        return generator.request("rooms", { after: `${sql}-` }, refused("bad_field", "after"));
      case 2:
        return generator.request(
          "members",
          { room: SILENT_ROOM, limit: sql },
          refused("bad_field"),
        );
      case 3:
        return generator.request(
          "read",
          { room: HOSTILE_ROOM, seq: "0" },
          refused("bad_field", "seq"),
        );
      case 4:
        return generator.request(
          "history",
          { room: SILENT_ROOM, before: [sql] },
          refused("bad_field"),
        );
      case 5: {
        const epoch = sql.slice(0, 64);
        return generator.request("resume", { epoch, rooms: [] }, answered("resumed"));
      }
      case 6: {
        const cid = `${generator.id()}${sql}${random.integer(0, 1e9)}`.slice(-32);
        return generator.request("message", { room: HOSTILE_ROOM, content: sql, cid }, posted(sql));
      }
      default:
        return generator.request("message", { room: HOSTILE_ROOM, content: sql }, posted(sql));
    }
  },
};

const early: HostileClass = {
  number: 27,
  title: "requests before hello and before login",
  stages: ["first", "greeted"],
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.1)) return generator.request("stats", {}, answered("stats"));
    const { type, example } = random.pick(REQUESTS.filter(({ type }) => !/hello|login/.test(type)));
    return generator.request(type, example, answered("ok"));
  },
};

const twiceIn: HostileClass = {
  number: 28,
  title: "hello and login twice, too early, of another version, with a token nobody has",
  generate(generator): HostileCase {
    const { random, stage } = generator;
    const token = { method: "token", token: "t".repeat(random.integer(1, 256)) };
    const guest = { method: "guest", name: "Mallory" };
    if (stage === "first") {
      const login = { version: 1, auth: guest };
      return random.pick([
        () =>
          generator.request("login", { auth: random.pick([guest, token]) }, refused("bad_state")),
        () => generator.request("hello", { ...login, version: 2 }, refused("bad_field", "version")),
        () => generator.request("hello", { version: 1, auth: token }, refused("auth_failed")),
        () =>
          generator.request("hello", { version: 1 }, answered("welcome", { you: null, rooms: [] })),
      ])();
    }
    if (stage === "greeted" && random.chance(0.3)) return threeFailures(generator, token);
    if (stage === "member" && random.chance(0.5)) {
      return generator.request(
        "login",
        { auth: random.pick([guest, token]) },
        refused("bad_state"),
      );
    }
    const again = random.pick([{ auth: guest }, { auth: token }, {}]);
    return generator.request("hello", { version: 1, ...again }, refused("bad_state"));
  },
};

/** The third failed login on a connection is its last. */
function threeFailures(generator: FrameGenerator, auth: object): HostileCase {
  const failures = generator.together(
    [1, 2, 3].map(() => generator.request("login", { auth }, refused("auth_failed"))),
  );
  const bye: Reply = { type: "bye", codes: ["flood"], holds: { reconnect: false } };
  return { ...failures, replies: [...failures.replies, bye], closes: true };
}

const cursors: HostileClass = {
  number: 29,
  title: "pages of impossible sizes and places",
  generate(generator): HostileCase {
    const { random } = generator;
    const room = SILENT_ROOM;
    const nothing = answered("page", { events: [], more_before: false, more_after: false });
    const far = random.pick([1, 1e9, Number.MAX_SAFE_INTEGER]);
    const place = random.pick(["before", "after", "around", "at"]);
    switch (random.integer(0, 4)) {
      case 0: {
        const limit = random.pick([0, -1, 0.5, -1e9, Number.MAX_SAFE_INTEGER + 1]);
        const type = random.pick(["history", "members", "rooms"]);
        return generator.request(type, { room, limit }, refused("bad_field", "limit"));
      }
      case 1:
        return generator.request("history", { room, limit: random.pick([101, 1e9]) }, nothing);
      case 2:
        return generator.request("history", { room, [place]: far }, nothing);
      case 3:
        return generator.request(
          "history",
          { room: HOSTILE_ROOM, after: Number.MAX_SAFE_INTEGER },
          answered("page", { events: [], more_after: false }),
        );
      default: {
        const other = random.pick(["before", "after", "around", "at"].filter((p) => p !== place));
        return generator.request("history", { room, [place]: 1, [other]: 1 }, refused("bad_field"));
      }
    }
  },
};

/** The answer for a room that is not there or may not be seen; inquiries have a code of their own. */
function absent(room: string): Answer {
  return refused(room.startsWith("?") ? "no_such_inquiry" : "no_such_room");
}

const noRooms: HostileClass = {
  number: 30,
  title: "rooms that are not there, in every request that names one",
  generate(generator): HostileCase {
    const { random } = generator;
    const room = random.pick(["nowhere", "Nowhere-2", "x".repeat(64), "@bob", "?987654321", "?1!"]);
    if (random.chance(0.15)) {
      return generator.request(
        "resume",
        { rooms: [{ room, seq: random.pick([0, 1, Number.MAX_SAFE_INTEGER]) }] },
        answered("resumed", { rooms: [{ room, error: absent(room).codes?.[0] }] }),
      );
    }
    const type = random.pick(["message", "join", "leave", "members", "history", "read"]);
    const fields = { room, content: "to nobody", seq: 0, limit: 1 };
    // A guest has no conversations, whoever is asked for.
    const isForAccounts = type === "message" && room === "@bob";
    return generator.request(type, fields, isForAccounts ? refused("forbidden") : absent(room));
  },
};

const inquiries: HostileClass = {
  number: 32,
  title: "another's inquiry, and an operator's requests",
  stages: ["member"],
  generate(generator): HostileCase {
    const { random } = generator;
    switch (random.integer(0, 3)) {
      case 0:
        return generator.request("queue", { limit: 2 }, refused("forbidden"));
      case 1: {
        const inquiry = random.pick([1, 987_654_321, Number.MAX_SAFE_INTEGER]);
        return generator.request("respond", { inquiry, content: "x" }, refused("no_such_inquiry"));
      }
      case 2:
        return generator.request("inquiry", { content: `help ${generator.id()}` }, answered("ok"));
      default: {
        const type = random.pick(["message", "join", "leave", "members", "history", "read"]);
        const fields = { room: FOUNDERS_INQUIRY, content: "to nobody", seq: 0, limit: 1 };
        return generator.request(type, fields, absent(FOUNDERS_INQUIRY));
      }
    }
  },
};

const cids: HostileClass = {
  number: 31,
  title: "cids: empty, too long, said again, said of something else",
  stages: ["member"],
  generate(generator): HostileCase {
    const { random } = generator;
    const say = (cid: string, text: string, answer = posted(text)) =>
      generator.request("message", { room: HOSTILE_ROOM, content: text, cid }, answer);
    const own = `${random.integer(0, 1e12)} ${generator.id()}`;
    if (random.chance(0.4)) {
      const cid = random.pick([
        "",
        "x".repeat(65),
        "é".repeat(33),
        "x".repeat(1_024),
        "a\nb",
        "\0",
      ]);
      return say(cid, "unsaid", refused("bad_field", "cid"));
    }
    const cid = random.pick([own, `${own} ${"é".repeat(20)}`, ` ${own} `]);
    const otherRoom = { room: SILENT_ROOM, content: "once", cid };
    return generator.together([
      say(cid, "once"),
      say(cid, "once", answered("ok", { dup: true, room: HOSTILE_ROOM })),
      say(cid, "once more", refused("cid_conflict")),
      generator.request("message", otherRoom, refused("cid_conflict")),
      say(cid.toUpperCase(), "another cid"),
    ]);
  },
};

const NEWLINE = 0x0a;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const mutations: HostileClass = {
  number: 39,
  title: "real traffic with bits turned and halves exchanged",
  stages: ["greeted", "member"],
  generate(generator): HostileCase {
    const { random, stage } = generator;
    const real = () => {
      const { type, fields, answer } = harmless(random);
      return generator.request(type, fields, answer).bytes;
    };
    let bytes = real();
    if (random.chance(0.3)) {
      const other = real();
      bytes = concat([
        bytes.subarray(0, random.integer(1, bytes.length - 1)),
        other.subarray(random.integer(1, other.length - 2)),
      ]);
    } else {
      bytes = bytes.slice();
      for (let flips = random.integer(1, 8); flips > 0; flips--) {
        const at = random.integer(0, bytes.length - 2);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
      }
    }
    return { stage, bytes, replies: predict(bytes), closes: false };
  },
};

/** One defined answer to each line with anything in it, and none to a pong. */
function predict(bytes: Uint8Array): readonly Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    const reply = predictLine(bytes.subarray(at, end));
    if (reply !== undefined) replies.push(reply);
    at = end + 1;
  }
  return replies;
}

function predictLine(line: Uint8Array): Reply | undefined {
  const any = { type: "*" };
  let frame: unknown;
  try {
    const text = decoder.decode(line);
    if (/^[ \t\r]*$/.test(text)) return undefined;
    frame = JSON.parse(text);
  } catch {
    return any;
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return any;
  const { type, id, content } = frame as Record<string, unknown>;
  // Strings of real traffic are short: what is left of one is a good id, unless it is empty.
  const isId = typeof id === "string" ? id !== "" : Number.isSafeInteger(id) && !Object.is(id, -0);
  // What bears a bad id is refused before anybody looks what it is.
  if (id !== undefined && !isId) return any;
  const re = id as string | number | undefined;
  if (type === "pong") return undefined;
  if (type === "ping") return { type: "pong", re };
  return { ...any, re, ...(typeof content === "string" ? { says: content } : undefined) };
}

export const WORLD_CLASSES: readonly HostileClass[] = [
  injections,
  early,
  twiceIn,
  cursors,
  noRooms,
  inquiries,
  cids,
  mutations,
];
