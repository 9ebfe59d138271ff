// The string by which a person joins.

import { assertEquals, assertThrows } from "@std/assert";
import {
  formatJoinString,
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

Deno.test("join string: the port may be missing, the code is read as it is typed", () => {
  const expected = { hostname: "chat.example", port: 65433, code: CODE, pin: undefined };
  assertEquals(parseJoinString("PARLEY://Chat.Example/k7qd-9fx2-tb4m-8wzr"), expected);
  assertEquals(parseJoinString("parley://chat.example/"), { ...expected, code: undefined });
});

Deno.test("join string: what is cut off or no join string is refused, and its code is not repeated", () => {
  const whole = `parley://chat.example:65433/${CODE}#${PIN}`;
  for (
    const text of [
      ...[1, 5, 21].map((cut) => whole.slice(0, -cut)),
      whole.slice(0, whole.indexOf("#") + 1),
      `${whole}A`,
      `${whole}\n`,
      whole.slice(0, -1) + "B",
      `parley://chat.example/${CODE.slice(1)}#${PIN}`,
      `parley://chat.example:0/${CODE}`,
      `parley://chat.example:65536/${CODE}`,
      `parley://2001:db8::1/${CODE}`,
      `parley:///${CODE}`,
      `parley://user@chat.example/${CODE}`,
      `parley://chat.example/${CODE}?x#${PIN}`,
      `https://chat.example/${CODE}`,
    ]
  ) {
    const error = assertThrows(() => parseJoinString(text), JoinStringError, undefined, text);
    assertEquals(error.message.includes(CODE.slice(1)), false, text);
  }
});
