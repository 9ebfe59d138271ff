import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatBanner } from "../../../lib/server/process/banner.ts";

const DATABASE = { kind: "sqlite", path: "data/parley.db" } as const;

/** The banner's last line. */
function wayIn(hostname: string, hosts: readonly string[] = []): string {
  const lines = formatBanner({ address: { hostname, port: 7 }, database: DATABASE, hosts });
  return lines.trimEnd().split("\n").at(-1) ?? "";
}

Deno.test("banner: one address is the one to connect to", () => {
  assertEquals(wayIn("127.0.0.1"), "Connect with: deno task client --server 127.0.0.1:7");
  assertEquals(wayIn("::1", ["chat"]), "Connect with: deno task client --server [::1]:7");
});

Deno.test("banner: a wildcard address is shown as one that other machines can use", () => {
  assertStringIncludes(wayIn("0.0.0.0", ["fd00::2", "192.0.2.7"]), "--server 192.0.2.7:7");
  assertStringIncludes(wayIn("::", ["chat.example.org", "192.0.2.7"]), "chat.example.org:7");
  assertStringIncludes(wayIn("::", ["fd00::2"]), "--server [fd00::2]:7");
  for (const hostname of ["0.0.0.0", "::"]) {
    assertStringIncludes(wayIn(hostname), "HOST is this machine's name or address");
  }
});
