// The bugs that the suite must detect, each with the shortest test that does. A patch is on the
// line that keeps the promise: when that line changes, change the patch so that it is the same bug.

import { CHANGE_BUGS } from "./change_bugs.ts";
import { crashRun, goalNamed, hostileRun, testNamed } from "./named_tests.ts";
import type { LaterBug, SeededBug } from "./seeded_bug.ts";
import { TLS_BUGS } from "./tls_bugs.ts";

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    number: 1,
    title: "a message is acknowledged before its commit",
    patches: [{
      file: "lib/store/append/batch_writer.ts",
      search: "attempt.plan = await storeBatch(sql, drafts, options);",
      replace: "attempt.plan = await storeBatch(sql, drafts, options);\n" +
        "        this.#settle(open, attempt.plan);\n" +
        "        await new Promise<void>((resolve) => setImmediate(resolve));",
    }],
    test: crashRun(30),
    says: /^lost +[1-9]/m,
  },
  {
    number: 2,
    title: "a resend is stored again",
    patches: [{
      file: "sql/sqlite/0001_people_rooms_messages.sql",
      search: ",\n  UNIQUE (user_id, cid)",
      replace: "",
    }],
    test: crashRun(30),
    says: /^dup +[1-9]/m,
  },
  {
    number: 3,
    title: "a resume continues with new messages only",
    patches: [{
      file: "lib/server/commands/resume.ts",
      search: "subscriptions.prepareReplay(room, cursor.seq)",
      replace: "subscriptions.prepareReplay(room, room.deliveredSeq)",
    }],
    test: crashRun(30),
    says: /^reader_miss +[1-9]/m,
  },
  {
    number: 4,
    title: "SQLite does not sync the log",
    patches: [{
      file: "lib/store/sqlite/driver.ts",
      search: "    await this.#log.sync();\n",
      replace: "",
    }],
    test: testNamed(
      "tests/faults/durability_test.ts",
      "durability: no message is acknowledged before it is on the disk [sqlite]",
    ),
    says: /acknowledged while the log was not synced|no sync was made for it/,
  },
  {
    number: 5,
    title: "two writes run at once on one connection",
    patches: [{
      file: "lib/wire/stream/write_queue.ts",
      search: "if (this.#inFlightBytes === 0 && this.#waitingBytes === 0) {",
      replace: "if (bytes.length > 0) {",
    }, {
      file: "lib/wire/stream/write_queue.ts",
      search: "if (this.#inFlightBytes > 0) return;",
      replace: "",
    }],
    test: testNamed(
      "tests/faults/stalled_test.ts",
      "stalled reader: one that goes on in time",
    ),
    says: /SyntaxError: .*JSON|Values are not equal/,
  },
  {
    number: 6,
    title: "accepting ends at its first failure, like a listener's own iterator",
    patches: [{
      file: "lib/server/endpoint/accept_loop.ts",
      search: "if (isReset(error)) continue;",
      replace: "if (isReset(error)) return;",
    }, {
      file: "lib/server/endpoint/accept_loop.ts",
      search: "onExhausted(error);",
      replace: "return onExhausted(error);",
    }],
    test: testNamed("tests/faults/descriptors_test.ts", "descriptors: when there are none left"),
    says: /Not everybody was let in within/,
  },
  {
    number: 7,
    title: "an error of a command is not caught",
    patches: [{
      file: "lib/server/connection/dispatch.ts",
      search: "slot.fill(withRe(loop.faults.toFrame(frame.type, error), frame.id));",
      replace: "throw error;",
    }],
    test: hostileRun(60, 30),
    says: /internal_errors is [1-9]/,
  },
  {
    number: 8,
    title: "lines are split from a string that grows with each chunk",
    patches: [{
      file: "lib/wire/lines.ts",
      search: "  add(chunk: Uint8Array): void {\n    if (this.#isBroken) return;",
      replace: `  add(part: Uint8Array): void {
    if (this.#isBroken) return;
    this.#said += this.#decoder.decode(part, { stream: true });
    if (this.#said.indexOf("\\n") === -1) return;
    const whole = this.#said.lastIndexOf("\\n") + 1;
    const chunk = new TextEncoder().encode(this.#said.slice(0, whole));
    this.#said = this.#said.slice(whole);`,
    }, {
      file: "lib/wire/lines.ts",
      search: "  #isBroken = false;",
      replace: '  #isBroken = false;\n  #said = "";\n  readonly #decoder = new TextDecoder();',
    }],
    test: testNamed("tests/wire/lines_test.ts", "lines: 64 KiB that drip in byte by byte"),
    says: /\d{8,} bytes touched/,
  },
  {
    number: 9,
    title: "the write queue has no limit",
    patches: [{
      file: "lib/wire/stream/connection.ts",
      search: "queued + bytes <= this.maxQueueBytes",
      replace: "queued + bytes <= Infinity",
    }],
    test: testNamed(
      "tests/faults/stalled_test.ts",
      "stalled reader: with too much waiting for it",
    ),
    says: /the stalled reader was not cut/,
  },
  {
    number: 10,
    title: "history without an access check",
    patches: [{
      file: "lib/chat/rooms/room_lookup.ts",
      search: "authorize(principal, action, room, { name });",
      replace: "void [principal, action, authorize, name];",
    }],
    test: testNamed(
      "tests/protocol/access_test.ts",
      "access: a room that may not be seen is answered like one that does not exist",
    ),
    says: /Values are not equal/,
  },
  {
    number: 11,
    title: "a message's seq is taken before the lock, like AUTO_INCREMENT",
    patches: [{
      file: "lib/store/append/batch_statements.ts",
      search: "await moveHeads(sql, heads, now);\n",
      replace: 'await moveHeads(sql, heads, now);\n    await sql.execute("COMMIT");\n',
    }, {
      // A resend would leave a hole of its own.
      file: "lib/store/append/batch_writer.ts",
      search: "let looksUpCids = false;",
      replace: "let looksUpCids = true;",
    }],
    test: goalNamed("G11"),
    says: /MISSED: .*(gap|reader_miss) [1-9]/,
  },
  {
    number: 12,
    title: "no hash for an unknown name",
    patches: [{
      file: "lib/server/admission/passwords.ts",
      search: "const isRight = await this.#queue",
      replace: "const isRight = login !== undefined && await this.#queue",
    }],
    test: testNamed(
      "tests/protocol/accounts_test.ts",
      "protocol 3.10: an unknown name, a wrong password and a suspended account",
    ),
    says: /Values are not equal/,
  },
  {
    number: 13,
    title: "a descriptor of the database is opened and closed beside SQLite's own",
    patches: [{
      file: "lib/store/sqlite/log_sync.ts",
      search: "      await this.#file.syncData();\n",
      replace: "      await this.#file.syncData();\n" +
        '      using database = Deno.openSync(this.#path.slice(0, -"-wal".length));\n' +
        "      await database.syncData();\n",
    }],
    test: testNamed(
      "tests/faults/visitors_test.ts",
      "visitors: SQLite's locks are held after every checkpoint",
    ),
    says: /Values are not equal: in log 1/,
  },
  {
    number: 14,
    title: "an asker accepts any answer in the inquiry",
    patches: [{
      file: "lib/client/commands/ask.ts",
      search: "return to === undefined ? seq > stored.seq : to === stored.seq;",
      replace: "return to === undefined || seq > stored.seq;",
    }],
    test: testNamed(
      "tests/cli/client_ask_test.ts",
      "client ask: an answer to another question of its inquiry",
    ),
    says: /Values are not equal/,
  },
  {
    number: 15,
    title: "the live line trusts the terminal with the width of every character",
    patches: [{
      file: "lib/terminal/screen/block.ts",
      search: "    if (!isSure && n < last) text += `\\x1b[${column + 1}G`;\n",
      replace: "",
    }],
    test: testNamed(
      "tests/terminal/line_histories_test.ts",
      "live line: messages and draft stand there once and whole (random)",
    ),
    says: /Failed with the seed/,
  },
  {
    number: 16,
    title: "what only moderators may know is open to all who see the room",
    patches: [{
      file: "lib/server/commands/moderation.ts",
      search: 'action: "moderate" });',
      replace: 'action: "see" });',
    }],
    test: testNamed(
      "tests/protocol/moderation_test.ts",
      "moderation: who does not moderate a room learns neither its bans nor its log",
    ),
    says: /Values are not equal/,
  },
  {
    number: 17,
    title: "a kick that a resume undoes",
    patches: [{
      file: "lib/chat/access_rules.ts",
      search: 'removed: ["see", "join"],',
      replace: 'removed: ["see", "join", "read"],',
    }],
    test: testNamed(
      "tests/protocol/moderation_test.ts",
      "moderation: a resume does not undo a kick",
    ),
    says: /Values are not equal/,
  },
  {
    number: 18,
    title: "a decision is stored whatever was decided before",
    patches: [{
      file: "lib/store/desk/question_rules.ts",
      search: "transition(action, { actor, state })",
      replace: 'transition(action, { actor, state: state && "open" })',
    }],
    test: testNamed(
      "tests/protocol/decisions_test.ts",
      "protocol 10.5: one of twenty operators decides",
    ),
    says: /Values are not equal/,
  },
  {
    number: 19,
    title: "the end of the time approves",
    patches: [{
      file: "lib/chat/desk/decisions.ts",
      search: 'const body = { kind: "closed", content: "", state: "expired" } as const;',
      replace: "const choice = record.terms?.choices[0];\n" +
        '    const body = { kind: "decision", content: "", choice } as const;',
    }, {
      file: "lib/store/desk/question_rules.ts",
      search: 'if (action === "decide" && draft.user === inquiry.asker) ',
      replace: 'if (action === "decide" && draft.user === inquiry.asker && actor === "bot") ',
    }, {
      file: "lib/store/desk/inquiry_rules.ts",
      search: 'if (action !== "respond" && !operators.has(user)) return "other";',
      replace:
        'if (action !== "respond" && !operators.has(user) && user !== asker) return "other";',
    }],
    test: testNamed(
      "tests/protocol/decisions_test.ts",
      "protocol 10.6: a decision after the time is refused",
    ),
    says: /Values are not equal/,
  },
  {
    number: 20,
    title: "a token that outlives its account",
    patches: [{
      file: "lib/chat/people/naming.ts",
      search: "if (user.isSuspended === true) {",
      replace: "if (user.isSuspended === true && user.id === 0) {",
    }, {
      file: "lib/server/commands/hello.ts",
      search: "if (hub.accounts.isSuspended(principal.user)) {",
      replace: "if (hub.accounts.isSuspended(principal.user) && principal.user === 0) {",
    }],
    test: testNamed(
      "tests/protocol/accounts_test.ts",
      "protocol 3.12: a suspended account ends on every server, and no way in admits it",
    ),
    says: /Values are not equal/,
  },
  {
    number: 21,
    title: "a scope that is not asked",
    patches: [{
      file: "lib/server/connection/dispatch.ts",
      search: "if (principal?.hasScope(command.scope) === false) {",
      replace: "if (principal?.hasScope(command.scope) === false && principal.user === 0) {",
    }],
    test: testNamed("tests/protocol/tokens_test.ts", "protocol 3.7: a token for "),
    says: /Values are not equal/,
  },
  {
    number: 22,
    title: "a scope that is not asked for a room",
    patches: [{
      file: "lib/chat/access.ts",
      search: "scopes.cover(scope, room)",
      replace: "(scopes.cover(scope, room) || true)",
    }],
    test: testNamed(
      "tests/protocol/tokens_test.ts",
      "protocol 3.7: one for a single room reads no other",
    ),
    says: /Values are not equal: history/,
  },
  {
    number: 23,
    title: "a code whose last use is not waited for",
    patches: [{
      file: "lib/store/people/codes.ts",
      search: "WHERE code_id = ? AND used < uses AND expires > ?",
      replace: "WHERE code_id = ? AND expires > ?",
    }],
    test: testNamed(
      "tests/protocol/codes_test.ts",
      "protocol 3.8: of twenty who redeem a code with one use at once, one gets an account",
    ),
    says: /Values are not equal/,
  },
  ...TLS_BUGS,
  {
    number: 28,
    title: "a claim is stored whoever has the inquiry",
    patches: [{
      file: "lib/store/desk/inquiry_rules.ts",
      search: 'return assignee.user === user ? "holder" : "rival";',
      replace: 'return assignee.user === user ? "holder" : "free";',
    }],
    test: testNamed(
      "tests/protocol/desk_work_test.ts",
      "protocol 10.10: of twenty who claim an inquiry one has it",
    ),
    says: /Values are not equal/,
  },
  ...CHANGE_BUGS,
];

export const LATER_BUGS: readonly LaterBug[] = [];
