import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { getChosenName, type LineTerminal } from "../../../lib/client/ask_name.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { FileFault } from "../../../lib/client/files/file_fault.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { getRememberedName, rememberName } from "../../../lib/client/files/remembered_name.ts";

async function withFiles(work: (files: PrivateFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-name-" });
  try {
    await work(new PrivateFiles(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A person who answers with these lines, then leaves. */
function person(...lines: readonly string[]): LineTerminal & { printed: string } {
  const left = [...lines];
  return {
    printed: "",
    write(text): void {
      this.printed += text;
    },
    readLine: () => Promise.resolve(left.shift()),
  };
}

/** The name of a run without a person; what it tells is a failure unless it is expected. */
function nameInPipe(files: PrivateFiles, reported: string[] = []): Promise<string> {
  return getRememberedName(files, { unkept: "fails", show: (text) => reported.push(text) });
}

Deno.test("name: without a person a name is generated, and remembered", async () => {
  await withFiles(async (files) => {
    const name = await nameInPipe(files);
    assertMatch(name, /^guest-[a-z2-9]{6}$/);
    assertEquals(await nameInPipe(files), name);
  });
});

Deno.test("name: many processes at once generate the same name", async () => {
  await withFiles(async (files) => {
    const names = await Promise.all(Array.from({ length: 10 }, () => nameInPipe(files)));
    assertEquals(new Set(names).size, 1);
  });
});

Deno.test("name: a person is asked until a name is remembered; later runs use it, in pipes too", async () => {
  await withFiles(async (files) => {
    const first = person("ada");
    assertEquals(await getChosenName(files, first), "ada");
    assertEquals(first.printed, "Your name: ");
    // The server has refused it.
    assertEquals(await getChosenName(files, person("bob")), "bob");
    await rememberName(files, { name: "bob", by: "person" });
    const later = person();
    assertEquals(await getChosenName(files, later), "bob");
    assertEquals(later.printed, "");
    assertEquals(await nameInPipe(files), "bob");
  });
});

Deno.test("name: a generated name is offered, and Enter takes it", async () => {
  await withFiles(async (files) => {
    const created = await nameInPipe(files);
    const answer = person("");
    assertEquals(await getChosenName(files, answer), created);
    assertEquals(answer.printed, `Your name [${created}]: `);
    await rememberName(files, { name: created, by: "person" });
    assertEquals(await getChosenName(files, person()), created);
  });
});

Deno.test("name: a script's name is remembered where there is none, a person's always", async () => {
  await withFiles(async (files) => {
    await rememberName(files, { name: "ci", by: "script" });
    await rememberName(files, { name: "nightly", by: "script" });
    assertEquals(await nameInPipe(files), "ci");
    assertEquals(await getChosenName(files, person("")), "ci");
    await rememberName(files, { name: "ada", by: "person" });
    await rememberName(files, { name: "ci", by: "script" });
    assertEquals(await getChosenName(files, person()), "ada");
    await rememberName(files, { name: "bob", by: "person" });
    assertEquals(await nameInPipe(files), "bob");
  });
});

Deno.test("name: after an invalid name the rule is shown and the person is asked again", async () => {
  await withFiles(async (files) => {
    const answer = person("", "a", "zwei worte", "x_", "  bob ");
    assertEquals(await getChosenName(files, answer), "bob");
    assertEquals(answer.printed.split("A name is 2 to 32 letters").length - 1, 4);
  });
});

Deno.test("name: a closed terminal ends the question", async () => {
  await withFiles(async (files) => {
    await assertRejects(() => getChosenName(files, person("!")), Failure, "--name");
  });
});

Deno.test("name: a file without a name is reported; a person is asked, a script's is replaced", async () => {
  await withFiles(async (files) => {
    for (const text of ["", "{", "null", '{"name":"a b","chosen":true}', '{"name":7}']) {
      await files.write("name.json", text);
      const answer = person("ada");
      assertEquals(await getChosenName(files, answer), "ada");
      assertEquals(answer.printed, `${files.pathOf("name.json")} holds no name.\nYour name: `);
      const reported: string[] = [];
      const created = await nameInPipe(files, reported);
      assertMatch(created, /^guest-/);
      assertEquals(reported.length, 1);
      assertMatch(reported[0] ?? "", /name\.json held no name: you are guest-/);
      assertEquals(await nameInPipe(files), created);
    }
  });
});

Deno.test("name: a byte order mark is no part of the file", async () => {
  await withFiles(async (files) => {
    await files.write("name.json", '\ufeff{"name":"ada","chosen":true}');
    assertEquals(await getChosenName(files, person()), "ada");
  });
});

Deno.test("name: where nothing can be kept, a run that may continue generates a name", async () => {
  await withFiles(async (files) => {
    await files.write("file", "x");
    const nowhere = files.within("file");
    const show = () => {};
    assertMatch(await getRememberedName(nowhere, { unkept: "goes on", show }), /^guest-/);
    await assertRejects(
      () => getRememberedName(nowhere, { unkept: "fails", show }),
      FileFault,
      `${nowhere.path}/name.json: `,
    );
    await rememberName(nowhere, { name: "ada", by: "person" });
    assertEquals(await getChosenName(nowhere, person("ada")), "ada");
  });
});
