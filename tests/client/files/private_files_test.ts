import { assert, assertEquals, assertRejects } from "@std/assert";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";

async function withFiles(work: (files: PrivateFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-files-" });
  try {
    await work(new PrivateFiles(`${directory}/a/b`));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("private files: no other user can read them or list their directory", async () => {
  await withFiles(async (files) => {
    await files.write("secret", "x");
    await files.append("lines", "x\n");
    assertEquals(await mode(files.path), 0o700);
    assertEquals(await mode(files.pathOf("secret")), 0o600);
    assertEquals(await mode(files.pathOf("lines")), 0o600);
  });
});

Deno.test("private files: a written file is found whole; a missing one is undefined", async () => {
  await withFiles(async (files) => {
    assertEquals(await files.find("one"), undefined);
    assertEquals(await files.names(), []);
    await files.write("one", "first");
    await files.write("one", "second");
    await files.write("two", Uint8Array.of(0xff));
    assertEquals(await files.find("one"), "second");
    assertEquals(await files.names(), ["one", "two"]);
    await files.remove("one");
    await files.remove("one");
    assertEquals(await files.names(), ["two"]);
  });
});

Deno.test("private files: no reader sees a half-written file, and no temporary file is left", async () => {
  await withFiles(async (files) => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(20_000));
    await files.write("one", texts[0] ?? "");
    const readers = Array.from({ length: 50 }, async () => {
      const text = await files.find("one");
      assert(text !== undefined && texts.includes(text));
    });
    await Promise.all([...texts.map((text) => files.write("one", text)), ...readers]);
    assertEquals([...Deno.readDirSync(files.path)].map(({ name }) => name), ["one"]);
  });
});

Deno.test("private files: of many first writers one wins, and all get its text", async () => {
  await withFiles(async (files) => {
    const came = await Promise.all(
      Array.from({ length: 20 }, (_, i) => files.writeFirst("name", `guest-${i}`)),
    );
    assertEquals(new Set(came).size, 1);
    assertEquals(await files.find("name"), came[0]);
    assertEquals([...Deno.readDirSync(files.path)].length, 1);
  });
});

Deno.test("private files: no other process can hold a file before it is released", async () => {
  await withFiles(async (files) => {
    const held = await files.writeHeld("one", "x");
    assertEquals(await files.tryHold("one"), undefined);
    held.close();
    const again = await files.tryHold("one");
    assert(again !== undefined);
    again.close();
    assertEquals(await files.tryHold("missing"), undefined);
  });
});

Deno.test("private files: a directory that cannot be written is an error", async () => {
  await withFiles(async (files) => {
    await files.write("file", "x");
    await assertRejects(() => files.within("file").write("one", "x"));
  });
});

Deno.test("private files: a file that was replaced while it was opened is not held", async () => {
  await withFiles(async (files) => {
    const before = await files.writeHeld("one", "old");
    const { open } = Deno;
    // The other process writes its new version between this one's look and its lock.
    let after: Deno.FsFile | undefined;
    Deno.open = async (...args: Parameters<typeof open>) => {
      const opened = await open(...args);
      Deno.open = open;
      after = await files.writeHeld("one", "new");
      before.close();
      return opened;
    };
    try {
      assertEquals(await files.tryHold("one"), undefined);
    } finally {
      Deno.open = open;
      after?.close();
    }
    const held = await files.tryHold("one");
    assert(held !== undefined);
    held.close();
  });
});
