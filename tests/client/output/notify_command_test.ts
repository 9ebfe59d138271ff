import { assertEquals, assertStringIncludes } from "@std/assert";
import { createNotifier } from "../../../lib/client/output/notify_command.ts";
import { until } from "../../support/waiting.ts";

const CALL = { room: "#ops", from: "bob", text: '$(rm -rf /); `x`\n"y"' };

Deno.test("notify_command: the message is in the environment, as it is", async () => {
  const file = await Deno.makeTempFile();
  const failures: string[] = [];
  const command =
    `printf '%s|%s|%s' "$PARLEY_CALL_ROOM" "$PARLEY_CALL_FROM" "$PARLEY_CALL_TEXT" >${file}; exit 3`;
  createNotifier({ command, failed: (text) => failures.push(text) })(CALL);
  // A failure is reported once the program has ended.
  await until(() => failures.length === 1);
  assertEquals(await Deno.readTextFile(file), `#ops|bob|${CALL.text}`);
  await Deno.remove(file);
});

Deno.test("notify_command: one that fails is reported once, and not run again", async () => {
  const failures: string[] = [];
  const notify = createNotifier({ command: "exit 3", failed: (text) => failures.push(text) });
  notify(CALL);
  await until(() => failures.length === 1);
  notify(CALL);
  assertStringIncludes(failures.join(), "notify_command ended with 3");
});
