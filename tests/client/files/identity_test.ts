import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../lib/client/exit.ts";
import { KeptIdentity } from "../../../lib/client/files/identity.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import type { Auth } from "../../../lib/wire/frames/session.ts";
import { welcome } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

type Identify = (name: string, server?: string) => KeptIdentity;

async function withTokens(
  work: (identify: Identify, files: PrivateFiles) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-tokens-" });
  const files = new PrivateFiles(directory);
  try {
    await work(
      (name, server = "chat:1") => new KeptIdentity(files, { server, name, unkept: "fails" }),
      files,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What it says in a hello that is over at once. */
async function printed(identity: KeptIdentity): Promise<Auth> {
  const auth = await identity.auth();
  await identity.helloOver();
  return auth;
}

const authFailed = new ChatError("auth_failed", "no");
const nameTaken = new ChatError("name_taken", "no");

Deno.test("identity: it logs in as a new guest first, and by the token afterwards", async () => {
  await withTokens(async (identify) => {
    const first = identify("ada");
    assertEquals(await printed(first), { method: "guest", name: "ada" });
    await first.welcomed(welcome({ token: "t1" }));
    assertEquals(await printed(first), { method: "token", token: "t1" });
    assertEquals(await printed(identify("ada")), { method: "token", token: "t1" });
    assertEquals(await printed(identify("ADA")), { method: "token", token: "t1" });
  });
});

Deno.test("identity: a token belongs to one name and one server", async () => {
  await withTokens(async (identify) => {
    await identify("ada").welcomed(welcome({ token: "t1" }));
    assertEquals(await printed(identify("bob")), { method: "guest", name: "bob" });
    assertEquals(await printed(identify("ada", "chat:2")), { method: "guest", name: "ada" });
    await identify("ada", "chat:2").welcomed(welcome({ token: "t2" }));
    assertEquals(await printed(identify("ada")), { method: "token", token: "t1" });
  });
});

Deno.test("identity: a token in the wrong file is not sent", async () => {
  await withTokens(async (identify, files) => {
    const kept = JSON.stringify({ server: "chat:2", name: "ada", token: "stolen" });
    await files.within("chat%3A1").write("ada.json", kept);
    assertEquals(await printed(identify("ada")), { method: "guest", name: "ada" });
    for (const text of ["", "{", "null", '{"token":7}']) {
      await files.within("chat%3A1").write("ada.json", text);
      assertEquals(await printed(identify("ada")), { method: "guest", name: "ada" });
    }
  });
});

Deno.test("identity: the token is kept under the requested name, whatever name the server gives", async () => {
  await withTokens(async (identify) => {
    const you = { user: 9, name: "ada2", role: "guest" } as const;
    await identify("ada").welcomed(welcome({ token: "t1", you }));
    assertEquals(await printed(identify("ada")), { method: "token", token: "t1" });
    assertEquals((await printed(identify("ada2"))).method, "guest");
  });
});

Deno.test("identity: a token that the server has forgotten is replaced by a new guest's", async () => {
  await withTokens(async (identify) => {
    await identify("ada").welcomed(welcome({ token: "old" }));
    const identity = identify("ada");
    await printed(identity);
    assertEquals(identity.refused(authFailed), "again");
    assertEquals(await printed(identity), { method: "guest", name: "ada" });
    assertEquals(identity.isNew, true);
    await identity.welcomed(welcome({ token: "new" }));
    assertEquals(await printed(identify("ada")), { method: "token", token: "new" });
    assertEquals(identity.refused(authFailed), "again");
    assertEquals(identity.refused(authFailed), "final");
  });
});

Deno.test("identity: an account whose token has ended is not replaced by a guest", async () => {
  await withTokens(async (identify, files) => {
    const you = { user: 7, name: "ada", role: "member" } as const;
    await identify("ada").welcomed(welcome({ token: "t1", you }));
    const later = identify("ada");
    assertEquals(await printed(later), { method: "token", token: "t1" });
    const failure = later.refused(authFailed);
    assert(failure instanceof Failure && failure.reason === "denied");
    assertStringIncludes(failure.message, "client login ada");
    assertEquals(await printed(identify("ada")), { method: "token", token: "t1" });

    // A guest who becomes an account is one from the next login on.
    const guest = identify("bob");
    await guest.welcomed(welcome({ token: "t2" }));
    await printed(guest);
    await guest.welcomed(welcome({ you: { user: 8, name: "bob", role: "member" } }));
    const kept = JSON.parse(await files.within("chat%3A1").find("bob.json") ?? "");
    assertEquals([kept.token, kept.account], ["t2", true]);
  });
});

Deno.test("identity: a taken name is final", async () => {
  await withTokens(async (identify) => {
    const identity = identify("ada");
    await identity.auth();
    assertEquals(identity.refused(nameTaken), "final");
    await identity.helloOver();
  });
});

Deno.test("identity: while one process logs in as a new guest, another waits and becomes the same guest", async () => {
  await withTokens(async (identify) => {
    const first = identify("ada");
    assertEquals((await first.auth()).method, "guest");
    const second = identify("ada");
    const waiting = second.auth();
    await first.welcomed(welcome({ token: "t1" }));
    await first.helloOver();
    assertEquals(await waiting, { method: "token", token: "t1" });
    await second.helloOver();
  });
});

Deno.test("identity: after a hello without an answer another process can log in", async () => {
  await withTokens(async (identify) => {
    const first = identify("ada");
    await first.auth();
    const second = identify("ada");
    const waiting = second.auth();
    await first.helloOver();
    assertEquals(await waiting, { method: "guest", name: "ada" });
    await second.helloOver();
  });
});

Deno.test("identity: waiting for another process ends with the signal, and the lock is named meanwhile", async () => {
  await withTokens(async (identify) => {
    const first = identify("ada");
    await first.auth();
    const second = identify("ada");
    const stop = new AbortController();
    const waiting = second.auth(stop.signal);
    await until(() => second.waitsFor !== undefined);
    assertStringIncludes(second.waitsFor ?? "", ".ada.json.lock");
    stop.abort(new Error("enough"));
    await assertRejects(() => waiting, Error, "enough");
    assertEquals(second.waitsFor, undefined);
    await first.helloOver();
    assertEquals((await second.auth()).method, "guest");
    await second.helloOver();
  });
});
