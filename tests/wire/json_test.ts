import { assert, assertEquals, assertMatch } from "@std/assert";
import { FrameError } from "../../lib/wire/errors.ts";
import { formatJson, parseFields } from "../../lib/wire/json.ts";
import { withRandom } from "../support/random.ts";

/** The code a line is refused with; undefined when it holds an object. */
function refusal(line: string): string | undefined {
  const parsed = parseFields(line);
  return parsed instanceof FrameError ? parsed.code : undefined;
}

Deno.test("json: what is not JSON is bad_json", () => {
  const lines = [
    ...["{", "}", "{]", "[", '{"a"}', '{"a":}', '{"a":1,}', "{,}", '{"a":1}}', '{"a":1}{"b":2}'],
    ...["{'a':1}", "{a:1}", '{"a":01}', '{"a":+1}', '{"a":0x10}', '{"a":NaN}', '{"a":Infinity}'],
    ...[
      '{"a":.5}',
      '{"a":5.}',
      '{"a":1e}',
      '{"a":-}',
      '{"a":undefined}',
      '{"a":True}',
      "nul",
      "tru",
    ],
    ...['{"a":"', '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":"\t"}', '{"a":"\0"}', '{"a":"\x1f"}'],
    ...[
      "\ufeff{}",
      "{}\ufeff",
      "\u00a0{}",
      "/**/{}",
      "{}//",
      "hello",
      "*1",
      "GET / HTTP/1.1",
      "\0",
    ],
    ...['{"a":1}\r{"b":2}', "{\0}", "{\x0b}", "'{}'", '"', "EHLO x", "[".repeat(8_000)],
  ];
  for (const line of lines) assertEquals(refusal(line), "bad_json", JSON.stringify(line));
});

Deno.test("json: what is no object is bad_frame", () => {
  for (const line of ["null", "[]", "[{}]", '"{}"', "0", "-1.5e3", "true", "false", ' "x" ']) {
    assertEquals(refusal(line), "bad_frame", line);
  }
  assertEquals(refusal("[".repeat(8_000) + "]".repeat(8_000)), "bad_frame");
});

Deno.test("json: white space around and inside an object is allowed", () => {
  for (const line of ["{}", " {} ", "\t{}\r", '{ "a" :\t1 }']) {
    assertEquals(refusal(line), undefined);
  }
});

Deno.test("json: the deepest nesting that fits a frame is read, and nothing walks it", () => {
  const depth = 30_000;
  const parsed = parseFields(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"b":1}`);
  assert(!(parsed instanceof FrameError));
  assertEquals(parsed.b, 1);
});

Deno.test("json: the error never quotes the line", () => {
  const parsed = parseFields('{"password":hunter2\x1b[2J}');
  assert(parsed instanceof FrameError);
  assertMatch(parsed.message, /^The line is not JSON/);
  assertEquals(parsed.cause, undefined);
});

Deno.test("json: what terminals and line readers obey is escaped, and only that", () => {
  assertEquals(
    formatJson({ a: "\x7f\x80\x9b\x9f\u2028\u2029" }),
    '{"a":"\\u007f\\u0080\\u009b\\u009f\\u2028\\u2029"}',
  );
  assertEquals(formatJson({ a: "é世🙂\u00a0~" }), '{"a":"é世🙂\u00a0~"}');
  assertEquals(formatJson("\n\t\x1b"), '"\\n\\t\\u001b"');
  assertEquals(formatJson({ "\x9b": 1 }), '{"\\u009b":1}');
});

Deno.test("json: every text comes back as it was, from one line without controls (random)", () => {
  for (let round = 0; round < 500; round++) {
    withRandom((random) => {
      const text = random.text(60);
      const json = formatJson({ text });
      // deno-lint-ignore no-control-regex
      assert(!/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(json), json);
      assertEquals(JSON.parse(json), { text });
    });
  }
});
