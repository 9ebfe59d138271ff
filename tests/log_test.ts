import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { createLog, formatLogLine } from "../lib/log.ts";
import { LogLines } from "../lib/log_output.ts";
import { until } from "./support/waiting.ts";
import { FakeOutputStream } from "./support/fakes/fake_output_stream.ts";

const FULL = new Error("No space left on device");
const formatDropped = (count: number) => `lost ${count}`;

Deno.test("log lines: an unread stream is given lines up to a bound; the others are counted and reported", async () => {
  const stream = new FakeOutputStream();
  stream.standStill();
  const lines = new LogLines(stream, { formatDropped, maxBytes: 30 });
  for (let n = 0; n < 1_000; n++) lines.write(`line ${n}`);
  assertEquals(lines.lost, 996);
  stream.goOn();
  await until(() => stream.text.endsWith("lost 996\n"));
  assertEquals(stream.text, "line 0\nline 1\nline 2\nline 3\nlost 996\n");
  lines.write("and on");
  await lines.flush(1_000);
  assert(stream.text.endsWith("lost 996\nand on\n"));
  assertEquals(lines.lost, 0);
});

Deno.test("log lines: a full disk loses lines and no more; when there is room the count comes first", async () => {
  const stream = new FakeOutputStream({ most: 4 });
  const lines = new LogLines(stream, { formatDropped, retryMs: 1 });
  stream.failWith(FULL, { after: 1, times: 3 });
  lines.write("abcdefg");
  lines.write("second");
  await lines.flush(1_000);
  lines.write("third");
  await until(() => stream.text.endsWith("\n"));
  // The torn line is ended before anything else is written.
  assertEquals(stream.text, "abcd\nlost 3\n");
  lines.write("fourth");
  await lines.flush(1_000);
  assertEquals(stream.text, "abcd\nlost 3\nfourth\n");
});

Deno.test("log lines: a report that could not be written is written later", async () => {
  const stream = new FakeOutputStream();
  const lines = new LogLines(stream, { formatDropped, retryMs: 1 });
  stream.failWith(FULL, { times: 5 });
  for (let n = 0; n < 10; n++) lines.write(`${n}`);
  await until(() => stream.text !== "");
  assertEquals(stream.text, "lost 10\n");
});

Deno.test("log lines: a log that is given up leaves no timer", async () => {
  const stream = new FakeOutputStream();
  const lines = new LogLines(stream, { formatDropped });
  stream.failWith(FULL, { times: 1 });
  lines.write("gone");
  await lines.flush(1_000);
  assertEquals(lines.lost, 1);
  lines.close();
});

Deno.test("log: a sink that throws does not fail the caller", () => {
  const log = createLog("info", () => {
    throw new Error("the screen is gone");
  });
  log.error("still here", { n: 1 });
});

Deno.test("log: a line holds no control character, whatever its fields hold", () => {
  const line = formatLogLine({ level: "warn", event: "odd", fields: { text: "\n\x1b\x9b\u2028" } });
  // deno-lint-ignore no-control-regex
  assertNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028]/);
});
