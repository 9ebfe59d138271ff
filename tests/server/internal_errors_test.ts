import { assertEquals, assertStringIncludes } from "@std/assert";

const PROGRAM = new URL("../support/processes/exhausted_program.ts", import.meta.url).pathname;

Deno.test({
  name: "internal errors: one is logged with its place when there is no descriptor left",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    const command = `ulimit -n 80; exec "$0" run --quiet --allow-read "$1" "$1"`;
    const { code, stdout } = await new Deno.Command("sh", {
      args: ["-c", command, Deno.execPath(), PROGRAM],
      stderr: "null",
    }).output();
    assertEquals(code, 0);
    assertStringIncludes(new TextDecoder().decode(stdout), "exhausted_program.ts:");
  },
});
