import { assertEquals } from "@std/assert";
import { Drafts } from "../../../lib/client/drafts/drafts.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { Draft } from "../../../lib/terminal/input/draft.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { until } from "../../support/waiting.ts";

const PASTE = { text: "one\ntwo", label: "[paste 1: 2 lines]" };

const isSecret = (line: string) => line.startsWith("/login");

async function withFiles(test: (files: PrivateFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-drafts-" });
  await test(new PrivateFiles(`${directory}/drafts`));
  await Deno.remove(directory, { recursive: true });
}

Deno.test("drafts: one a room is kept in a file of its owner, and the next run has it", async () => {
  await withFiles(async (files) => {
    const clock = new FakeClock();
    const over = new AbortController();
    const drafts = new Drafts({ files, clock, signal: over.signal, isSecret });
    drafts.set("ops", Draft.of("half a sen"));
    drafts.set("@bob", new Draft(["é", PASTE], 1));
    drafts.set("dev", Draft.of("/login ada hunter2"));
    await clock.advance(1_000);
    await until(async () => (await files.names()).length === 2);
    const { mode } = await Deno.stat(files.pathOf("ops.json"));
    assertEquals((mode ?? 0) & 0o777, 0o600);

    const next = new Drafts({ files, clock, signal: over.signal, isSecret });
    await next.load();
    assertEquals(next.of("ops").text, "half a sen");
    assertEquals(next.of("@bob").units, ["é", PASTE]);
    next.set("ops", Draft.EMPTY);
    await next.write();
    assertEquals(await files.names(), ["%40bob.json"]);
    over.abort();
    await settle();
  });
});

Deno.test("drafts: a file that holds none is no draft, and one typed meanwhile stays", async () => {
  await withFiles(async (files) => {
    await files.write("ops.json", '["old"]');
    for (const [name, text] of [["a.json", "{"], ["b.json", "[1]"], ["%.json", '["x"]']] as const) {
      await files.write(name, text);
    }
    const signal = AbortSignal.abort();
    const drafts = new Drafts({ files, clock: new FakeClock(), signal, isSecret });
    drafts.set("ops", Draft.of("new"));
    await drafts.load();
    assertEquals(["ops", "a", "b"].map((room) => drafts.of(room).text), ["new", "", ""]);
    await drafts.write();
  });
});
