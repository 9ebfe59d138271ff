import { assert, assertEquals } from "@std/assert";
import { Outbox, type OutboxEntry } from "../../../lib/client/outbox/outbox.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";

const OWNER = { server: "chat:1", epoch: "e1", user: 7 };

function entry(cid: string, more: Partial<OutboxEntry> = {}): OutboxEntry {
  return { ...OWNER, cid, name: "ada", room: "ops", content: `text of ${cid}`, time: 1, ...more };
}

async function withOutbox(
  work: (outbox: Outbox, files: PrivateFiles) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-outbox-" });
  const files = new PrivateFiles(`${directory}/outbox`);
  try {
    await work(new Outbox(files), files);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("outbox: released messages are taken by the next run, oldest first, unchanged", async () => {
  await withOutbox(async (outbox) => {
    for (const cid of ["02", "01", "03"]) (await outbox.keep(entry(cid))).release();
    const { mine, others, damaged } = await outbox.take(OWNER);
    assertEquals(mine.map(({ settle: _, release: __, ...kept }) => kept), [
      entry("01"),
      entry("02"),
      entry("03"),
    ]);
    assertEquals([others, damaged], [[], []]);
    for (const held of mine) held.release();
  });
});

Deno.test("outbox: questions and answers are kept as what they are", async () => {
  await withOutbox(async (outbox) => {
    const printed = [
      entry("01", { kind: "inquiry", room: "the desk" }),
      entry("02", { kind: "response", room: "?42" }),
    ];
    for (const one of printed) (await outbox.keep(one)).release();
    const { mine } = await outbox.take(OWNER);
    assertEquals(mine.map(({ settle: _, release: __, ...kept }) => kept), printed);
    for (const held of mine) held.release();
  });
});

Deno.test("outbox: a settled message is gone", async () => {
  await withOutbox(async (outbox, files) => {
    const held = await outbox.keep(entry("01"));
    assertEquals((await files.names()).length, 1);
    await held.settle();
    await held.settle();
    held.release();
    assertEquals(await files.names(), []);
  });
});

Deno.test("outbox: a message that one process holds is not taken by another", async () => {
  await withOutbox(async (outbox) => {
    const held = await outbox.keep(entry("01"));
    assertEquals((await outbox.take(OWNER)).mine, []);
    held.release();
    const [again] = (await outbox.take(OWNER)).mine;
    assert(again !== undefined);
    assertEquals((await outbox.take(OWNER)).mine, []);
    await again.settle();
  });
});

Deno.test("outbox: messages of another server, epoch or user are shown, not taken", async () => {
  await withOutbox(async (outbox) => {
    const strangers = [{ server: "chat:2" }, { epoch: "e2" }, { user: 8 }];
    for (const [i, more] of strangers.entries()) {
      (await outbox.keep(entry(`0${i}`, more))).release();
    }
    const { mine, others } = await outbox.take(OWNER);
    assertEquals(mine, []);
    assertEquals(others.map(({ cid }) => cid), ["00", "01", "02"]);
    assertEquals(
      (await outbox.take({ ...OWNER, user: 8 })).mine.map(({ cid, release }) => {
        release();
        return cid;
      }),
      ["02"],
    );
  });
});

Deno.test("outbox: a message kept before its user was known goes to the user of its name", async () => {
  await withOutbox(async (outbox, files) => {
    const { epoch: _, user: __, ...unclaimed } = entry("01");
    (await outbox.keepUnclaimed(unclaimed)).release();
    for (const askedAs of [undefined, "bob"]) {
      const { mine, others } = await outbox.take(OWNER, { askedAs });
      assertEquals([mine.length, others.map(({ cid }) => cid)], [0, ["01"]]);
    }
    assertEquals((await outbox.take({ ...OWNER, server: "chat:2" }, { askedAs: "ada" })).mine, []);
    const { mine } = await outbox.take(OWNER, { askedAs: "Ada" });
    assertEquals(mine.map(({ settle: _, release: __, ...kept }) => kept), [entry("01")]);
    const [name = ""] = await files.names();
    assertEquals(JSON.parse(await files.find(name) ?? ""), entry("01"), "its owner is on the disk");
    assertEquals((await outbox.take(OWNER, { askedAs: "ada" })).mine, [], "and it is held");
    for (const held of mine) held.release();
    assertEquals((await outbox.take({ ...OWNER, user: 8 }, { askedAs: "ada" })).mine, []);
  });
});

Deno.test("outbox: a copy under another name is named and left alone", async () => {
  await withOutbox(async (outbox, files) => {
    (await outbox.keep(entry("01"))).release();
    await files.write("copy of 01.json", await files.find("01.json") ?? "");
    const { mine, strays, damaged } = await outbox.take(OWNER);
    assertEquals(mine.map(({ cid }) => cid), ["01"]);
    assertEquals([strays, damaged], [[files.pathOf("copy of 01.json")], []]);
    for (const held of mine) await held.settle();
    assertEquals(await files.names(), ["copy of 01.json"]);
  });
});

Deno.test("outbox: a damaged file is named and left alone", async () => {
  await withOutbox(async (outbox, files) => {
    const of = (more: object) => JSON.stringify({ ...entry("01"), ...more });
    const kinds = [of({ kind: "order" }), of({ kind: "response" })];
    const wrong = ["{", "null", "[]", '{"cid":"x"}', of({ user: "7" }), ...kinds];
    for (const [i, text] of wrong.entries()) await files.write(`${i}.json`, text);
    const { mine, damaged } = await outbox.take(OWNER);
    assertEquals(mine, []);
    assertEquals(damaged.length, wrong.length);
    assertEquals((await files.names()).length, wrong.length);
  });
});

Deno.test("outbox: any cid is a file name", async () => {
  await withOutbox(async (outbox, files) => {
    const held = await outbox.keep(entry("a/../../etc/x y%"));
    assertEquals((await files.names()).length, 1);
    await held.settle();
  });
});

const OTHER_PROCESS = `
  import { Outbox } from ${
  JSON.stringify(import.meta.resolve("../../../lib/client/outbox/outbox.ts"))
};
  import { PrivateFiles } from ${
  JSON.stringify(import.meta.resolve("../../../lib/client/files/private_files.ts"))
};
  const [path, what, cid] = Deno.args;
  const outbox = new Outbox(new PrivateFiles(path));
  const owner = ${JSON.stringify(OWNER)};
  if (what === "hold") {
    await outbox.keep({ ...owner, cid, name: "ada", room: "ops", content: "x", time: 1 });
    console.log("held");
    await new Promise(() => setInterval(() => {}, 1_000));
  }
  for (let n = 0; n < 20; n++) {
    const held = await outbox.keep({ ...owner, cid: cid + n, name: "ada", room: "ops", content: "x", time: 1 });
    held.release();
    const { mine } = await outbox.take(owner);
    for (const entry of mine) {
      console.log(entry.cid);
      await entry.settle();
    }
  }
`;

function otherProcess(...args: readonly string[]): Deno.ChildProcess {
  const code = `data:text/javascript,${encodeURIComponent(OTHER_PROCESS)}`;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", code, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

Deno.test("outbox: a killed process holds no message", async () => {
  await withOutbox(async (outbox, files) => {
    const child = otherProcess(files.path, "hold", "01");
    const reader = child.stdout.getReader();
    await reader.read();
    assertEquals((await outbox.take(OWNER)).mine, []);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    const { mine } = await outbox.take(OWNER);
    assertEquals(mine.map(({ cid }) => cid), ["01"]);
    for (const held of mine) held.release();
  });
});

Deno.test("outbox: of several processes each message is taken by exactly one", async () => {
  await withOutbox(async (outbox, files) => {
    const children = ["a", "b", "c"].map((name) =>
      otherProcess(files.path, "churn", name).output()
    );
    const taken = (await Promise.all(children)).flatMap(({ stdout, success }) => {
      assert(success);
      return new TextDecoder().decode(stdout).split("\n").filter((cid) => cid !== "");
    });
    const { mine } = await outbox.take(OWNER);
    const left = mine.map(({ cid, release }) => {
      release();
      return cid;
    });
    const all = [...taken, ...left].sort();
    assertEquals(all.length, 60);
    assertEquals(new Set(all).size, 60, "none twice");
  });
});
