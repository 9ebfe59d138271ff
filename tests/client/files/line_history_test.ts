import { assert, assertEquals } from "@std/assert";
import { addToLineHistory, readLineHistory } from "../../../lib/client/files/line_history.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";

async function withFiles(work: (files: PrivateFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-lines-" });
  try {
    await work(new PrivateFiles(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("line history: the newest line comes first", async () => {
  await withFiles(async (files) => {
    assertEquals(await readLineHistory(files), []);
    for (const line of ["one", "/join ops", 'a "quoted" ü']) await addToLineHistory(files, line);
    assertEquals(await readLineHistory(files), ['a "quoted" ü', "/join ops", "one"]);
  });
});

Deno.test("line history: a line that begins with a space is not kept", async () => {
  await withFiles(async (files) => {
    await addToLineHistory(files, " secret");
    await addToLineHistory(files, "");
    assertEquals(await readLineHistory(files), []);
  });
});

Deno.test("line history: two processes that write at once lose no line", async () => {
  await withFiles(async (files) => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    await Promise.all(lines.map((line) => addToLineHistory(files, line)));
    assertEquals([...await readLineHistory(files)].sort(), lines.sort());
  });
});

Deno.test("line history: it keeps 500 lines, and the file is shortened", async () => {
  await withFiles(async (files) => {
    const rows = Array.from({ length: 1_200 }, (_, i) => JSON.stringify(`line ${i}`) + "\n");
    await files.append("lines.jsonl", rows.join(""));
    const lines = await readLineHistory(files);
    assertEquals([lines.length, lines[0], lines.at(-1)], [500, "line 1199", "line 700"]);
    const text = await files.find("lines.jsonl") ?? "";
    assert(text.split("\n").length <= 501);
  });
});

Deno.test("line history: damaged rows and control characters are skipped", async () => {
  await withFiles(async (files) => {
    await files.append("lines.jsonl", '"good"\n{"no":1}\nnonsense\n"\\u001b[2J"\n"cut of');
    assertEquals(await readLineHistory(files), ["good"]);
  });
});
