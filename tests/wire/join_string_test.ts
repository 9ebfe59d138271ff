// The string by which a person joins.

import { assertEquals, assertThrows } from "@std/assert";
import {
  formatJoinString,
  type JoinString,
  JoinStringError,
  parseJoinString,
} from "../../lib/wire/secrets/join_string.ts";

const CODE = "K7QD9FX2TB4M8WZR";
const PIN = "AAAAAAAAAAAAAAAAAAAAAA";

Deno.test("join string: what is formatted is read back, with and without its parts", () => {
  const at = { hostname: "chat.example", port: 65433 };
  for (
    const [join, text] of [
      [{ ...at, code: CODE, pin: PIN }, `parley://chat.example:65433/${CODE}#${PIN}`],
      [{ ...at, code: CODE, pin: undefined }, `parley://chat.example:65433/${CODE}`],
      [{ ...at, code: undefined, pin: PIN }, `parley://chat.example:65433#${PIN}`],
      [
        { hostname: "2001:db8::1", port: 7, code: CODE, pin: PIN },
        `parley://[2001:db8::1]:7/${CODE}#${PIN}`,
      ],
    ] as const
  ) {
    assertEquals(formatJoinString(join), text);
    assertEquals(parseJoinString(text), join);
  }
});

/** What a person may give, and what is read from it beside the code. */
const READ: readonly [string, Partial<JoinString>][] = [
  [`PARLEY://Chat.Example/k7qd-9fx2-tb4m-8wzr`, {}],
  [`parley://chat.example/K7QD 9FX2 TB4M 8WZR`, {}],
  [`parley://chat.example:443/${CODE}#${PIN}`, { port: 443, pin: PIN }],
  [`parley://chat.example:00443/${CODE}`, { port: 443 }],
  ["parley://chat.example/", { code: undefined }],
  ["parley://chat.example", { code: undefined }],
  [`parley://[2001:DB8:0:0::1]/${CODE}#${PIN}`, { hostname: "2001:db8::1", pin: PIN }],
  [`parley://[::ffff:192.0.2.7]:7/${CODE}`, { hostname: "::ffff:c000:207", port: 7 }],
  [`parley://192.0.2.7/${CODE}`, { hostname: "192.0.2.7" }],
  [`parley://chat_1/${CODE}`, { hostname: "chat_1" }],
  // As names are resolved: without what cannot be seen, and letters of other alphabets in ASCII.
  [`parley://chat\u200b.example/${CODE}`, {}],
  [`parley://bücher.example/${CODE}`, { hostname: "xn--bcher-kva.example" }],
];

for (const [text, read] of READ) {
  Deno.test(`join string: ${JSON.stringify(text)} is read`, () => {
    const expected = { hostname: "chat.example", port: 65433, code: CODE, pin: undefined };
    assertEquals(parseJoinString(text), { ...expected, ...read });
  });
}

const WHOLE = `parley://chat.example:65433/${CODE}#${PIN}`;
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "a pin that is cut off, too long or misread": [
    ...[1, 5, 21].map((cut) => WHOLE.slice(0, -cut)),
    WHOLE.slice(0, WHOLE.indexOf("#") + 1),
    `${WHOLE}A`,
    `${WHOLE}=`,
    `${WHOLE}.`,
    `${WHOLE}\n`,
    `${WHOLE} `,
    `${WHOLE}#${PIN}`,
    WHOLE.slice(0, -1) + "B",
    WHOLE.slice(0, -1) + "a",
    WHOLE.slice(0, -1) + "%41",
    WHOLE.slice(0, -1) + "+",
  ],
  "a code that is none": [
    `parley://chat.example/${CODE.slice(1)}#${PIN}`,
    `parley://chat.example/${CODE}0#${PIN}`,
    `parley://chat.example/${CODE}/#${PIN}`,
    `parley://chat.example/${CODE}/x#${PIN}`,
    `parley://chat.example//${CODE}#${PIN}`,
    `parley://chat.example/join/${CODE}#${PIN}`,
    `parley://chat.example/%4B${CODE.slice(1)}#${PIN}`,
    `parley://chat.example/${CODE}%23${PIN}`,
    `parley://chat.example/${CODE}?x#${PIN}`,
  ],
  "no port": [0, 65536, "x", "", -1].map((port) => `parley://chat.example:${port}/${CODE}`),
  "no host": [
    ...["", "a b", "a\tb", "user@chat.example", "chat.example@", "chat%2eexample", "a,b", "a\\b"],
    ...["2001:db8::1", "[2001:db8::1", "[]", "[::::]", "[1]", "[192.0.2.7]", "[fe80::1%eth0]"],
    ...["chat\0.example", "\u202echat.example", 'a"b', "-", "192.0.2.999", ".", "*"],
  ].map((host) => `parley://${host}/${CODE}`),
  "another scheme": [
    ...[`https://chat.example/${CODE}`, `parley:/chat.example/${CODE}`, `parley:${CODE}`],
    ...[` ${WHOLE}`, `<${WHOLE}>`, `"${WHOLE}"`, CODE, ""],
  ],
};

for (const [why, texts] of Object.entries(REFUSED)) {
  Deno.test(`join string: ${why} is refused, and its code is not repeated`, () => {
    for (const text of texts) {
      const error = assertThrows(() => parseJoinString(text), JoinStringError, undefined, text);
      assertEquals(error.message.includes(CODE.slice(1)), false, text);
    }
  });
}
