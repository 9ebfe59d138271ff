import { assertEquals } from "@std/assert";
import { KeptIdentity } from "../../lib/client/identity.ts";
import { PrivateFiles } from "../../lib/client/private_files.ts";
import { ChatError } from "../../lib/wire/errors.ts";
import { welcome } from "../support/fake_peer.ts";

type Identify = (name: string, server?: string) => KeptIdentity;

async function withTokens(
  work: (identify: Identify, files: PrivateFiles) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-tokens-" });
  const files = new PrivateFiles(directory);
  try {
    await work((name, server = "chat:1") => new KeptIdentity(files, { server, name }), files);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const authFailed = new ChatError("auth_failed", "no");
const nameTaken = new ChatError("name_taken", "no");

Deno.test("identity: at first a guest, afterwards the one whom the token brings back", async () => {
  await withTokens(async (identify) => {
    const first = identify("ada");
    assertEquals(await first.auth(), { method: "guest", name: "ada" });
    await first.welcomed(welcome({ token: "t1" }));
    assertEquals(await first.auth(), { method: "token", token: "t1" });
    assertEquals(await identify("ada").auth(), { method: "token", token: "t1" });
    assertEquals(await identify("ADA").auth(), { method: "token", token: "t1" });
  });
});

Deno.test("identity: a token belongs to one name and one server", async () => {
  await withTokens(async (identify) => {
    await identify("ada").welcomed(welcome({ token: "t1" }));
    assertEquals(await identify("bob").auth(), { method: "guest", name: "bob" });
    assertEquals(await identify("ada", "chat:2").auth(), { method: "guest", name: "ada" });
    await identify("ada", "chat:2").welcomed(welcome({ token: "t2" }));
    assertEquals(await identify("ada").auth(), { method: "token", token: "t1" });
  });
});

Deno.test("identity: a token in the wrong file is not sent", async () => {
  await withTokens(async (identify, files) => {
    const kept = JSON.stringify({ server: "chat:2", name: "ada", token: "stolen" });
    await files.within("chat%3A1").write("ada.json", kept);
    assertEquals(await identify("ada").auth(), { method: "guest", name: "ada" });
    for (const text of ["", "{", "null", '{"token":7}']) {
      await files.within("chat%3A1").write("ada.json", text);
      assertEquals(await identify("ada").auth(), { method: "guest", name: "ada" });
    }
  });
});

Deno.test("identity: the token is kept under the name asked for, whatever one is called", async () => {
  await withTokens(async (identify) => {
    const you = { user: 9, name: "ada2", role: "guest" } as const;
    await identify("ada").welcomed(welcome({ token: "t1", you }));
    assertEquals(await identify("ada").auth(), { method: "token", token: "t1" });
    assertEquals((await identify("ada2").auth()).method, "guest");
  });
});

Deno.test("identity: a token the server no longer knows is given up for a new guest", async () => {
  await withTokens(async (identify) => {
    await identify("ada").welcomed(welcome({ token: "old" }));
    const identity = identify("ada");
    await identity.auth();
    assertEquals(await identity.refused(authFailed), "again");
    assertEquals(await identity.auth(), { method: "guest", name: "ada" });
    assertEquals(identity.isNew, true);
    await identity.welcomed(welcome({ token: "new" }));
    assertEquals(await identify("ada").auth(), { method: "token", token: "new" });
    assertEquals(await identity.refused(authFailed), "again");
    assertEquals(await identity.refused(authFailed), "final");
  });
});

Deno.test("identity: a taken name is final, unless another process has just got it for us", async () => {
  await withTokens(async (identify) => {
    const late = identify("ada");
    await late.auth();
    assertEquals(await late.refused(nameTaken), "final");
    await identify("ada").welcomed(welcome({ token: "t1" }));
    assertEquals(await late.refused(nameTaken), "again");
    assertEquals(await late.auth(), { method: "token", token: "t1" });
    assertEquals(await late.refused(nameTaken), "final");
  });
});
