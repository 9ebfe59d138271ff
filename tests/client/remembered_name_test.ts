import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { getChosenName, type LineTerminal } from "../../lib/client/ask_name.ts";
import { Failure } from "../../lib/client/exit.ts";
import { PrivateFiles } from "../../lib/client/private_files.ts";
import { getRememberedName } from "../../lib/client/remembered_name.ts";

async function withFiles(work: (files: PrivateFiles) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-name-" });
  try {
    await work(new PrivateFiles(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A person who answers with these lines, then leaves. */
function person(...lines: readonly string[]): LineTerminal & { said: string } {
  const left = [...lines];
  return {
    said: "",
    write(text): void {
      this.said += text;
    },
    readLine: () => Promise.resolve(left.shift()),
  };
}

Deno.test("name: without a person one is made up, and stays", async () => {
  await withFiles(async (files) => {
    const name = await getRememberedName(files);
    assertMatch(name, /^guest-[a-z2-9]{6}$/);
    assertEquals(await getRememberedName(files), name);
  });
});

Deno.test("name: many at once make up the same one", async () => {
  await withFiles(async (files) => {
    const names = await Promise.all(Array.from({ length: 10 }, () => getRememberedName(files)));
    assertEquals(new Set(names).size, 1);
  });
});

Deno.test("name: a person is asked once, and then is who they were, in pipes too", async () => {
  await withFiles(async (files) => {
    const first = person("ada");
    assertEquals(await getChosenName(files, first), "ada");
    assertEquals(first.said, "Your name: ");
    const later = person();
    assertEquals(await getChosenName(files, later), "ada");
    assertEquals(later.said, "");
    assertEquals(await getRememberedName(files), "ada");
  });
});

Deno.test("name: a made-up one is offered, and Enter takes it", async () => {
  await withFiles(async (files) => {
    const made = await getRememberedName(files);
    const answer = person("");
    assertEquals(await getChosenName(files, answer), made);
    assertEquals(answer.said, `Your name [${made}]: `);
    assertEquals(await getChosenName(files, person()), made);
  });
});

Deno.test("name: what can be none is asked again, with the rule", async () => {
  await withFiles(async (files) => {
    const answer = person("", "a", "zwei worte", "x_", "  bob ");
    assertEquals(await getChosenName(files, answer), "bob");
    assertEquals(answer.said.split("A name is 2 to 32 letters").length - 1, 4);
  });
});

Deno.test("name: a person who goes away is not asked for ever", async () => {
  await withFiles(async (files) => {
    await assertRejects(() => getChosenName(files, person("!")), Failure, "--name");
  });
});

Deno.test("name: a damaged file is as none", async () => {
  await withFiles(async (files) => {
    for (const text of ["", "{", "null", '{"name":"a b"}', '{"name":7}']) {
      await files.write("name.json", text);
      assertMatch(await getRememberedName(files), /^guest-/);
    }
  });
});
