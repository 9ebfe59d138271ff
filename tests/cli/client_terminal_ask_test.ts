// Asking the desk on the live line, by the real program in a pseudo-terminal.

import { assertEquals } from "@std/assert";
import { Home } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer } from "../support/server.ts";

Deno.test({
  name: "client terminal: what is asked is answered on the line, also after a cut",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using relay = new Relay({ target: server.port });
    await using home = await Home.create();
    const op = await server.connect();
    const auth = { method: "token", token: server.adminToken };
    await op.ask({ type: "hello", version: 1, auth });
    const args = ["--name", "ada", "--server", `127.0.0.1:${relay.port}`];
    await using terminal = Terminal.start({ home, args });
    await terminal.untilLast("#lobby>");
    await terminal.type("/ask", KEYS.enter);
    await terminal.untilSeen("Usage: /ask TEXT");
    await terminal.type("/ask may I reboot db3?", KEYS.enter);
    await terminal.untilSeen("── Asked as ?1 · next in the queue");
    await terminal.untilSeen("?1 ada: may I reboot db3?");
    await op.question();
    await op.ask({ type: "respond", inquiry: 1, content: "which db3?" });
    await terminal.untilSeen("?1 admin: which db3?");
    await terminal.type("/join ?1", KEYS.enter);
    await terminal.untilLast("?1>");
    await terminal.type("the one in Oslo", KEYS.enter);
    await terminal.untilSeen("ada: the one in Oslo");
    relay.target = undefined;
    relay.cut();
    await terminal.untilSeen("trying again");
    await op.ask({ type: "respond", inquiry: 1, content: "go ahead" });
    relay.target = server.port;
    await terminal.untilSeen("admin: go ahead");
  },
});

Deno.test({
  name: "client terminal: an operator sees what is asked, lists it, and answers",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const address = `127.0.0.1:${server.port}`;
    const ann = await server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "inquiry", content: "may I reboot db3?" });
    const kept = { server: address, name: "admin", token: server.adminToken };
    const path = `.config/parley/tokens/${encodeURIComponent(address)}/admin.json`;
    await home.write(path, JSON.stringify(kept));
    await using terminal = Terminal.start({
      home,
      args: ["--name", "admin", "--server", address],
    });
    await terminal.untilSeen("── There are open inquiries: /queue lists them");
    await terminal.type("/queue", KEYS.enter);
    await terminal.untilSeen("?1 ann: may I reboot db3?");
    const bob = await server.connect();
    await bob.hello("bob");
    await bob.ask({ type: "inquiry", content: "and db4?" });
    await terminal.untilSeen("?2 bob: and db4?");
    await terminal.type("/answer 2 not today", KEYS.enter);
    await terminal.untilSeen("?2 admin: not today");
    assertEquals((await bob.until("response")).content, "not today");
    await terminal.type("/answer 9 hello", KEYS.enter);
    await terminal.untilSeen('There is no inquiry "?9"');
    await terminal.type("/help", KEYS.enter);
    await terminal.untilSeen("/answer NUMBER TEXT");
  },
});

Deno.test({
  name: "client terminal: an ask on a terminal says where one stands, once, then the answer",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const op = await server.connect();
    await op.ask({
      type: "hello",
      version: 1,
      auth: { method: "token", token: server.adminToken },
    });
    const at = ["--name", "ann", "--server", `127.0.0.1:${server.port}`];
    await using terminal = Terminal.start({ home, args: ["ask", "may I?", ...at] });
    await terminal.untilSeen("── Asked as ?1 · next in the queue");
    await op.ask({ type: "respond", inquiry: 1, content: "go ahead" });
    assertEquals(await terminal.code(), 0);
    assertEquals(terminal.screen.all, ["── Asked as ?1 · next in the queue", "│ go ahead"]);
  },
});

Deno.test({
  name: "client terminal: an operator claims an inquiry, answers in it, and sees who types",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const address = `127.0.0.1:${server.port}`;
    const kept = { server: address, name: "admin", token: server.adminToken };
    const path = `.config/parley/tokens/${encodeURIComponent(address)}/admin.json`;
    await home.write(path, JSON.stringify(kept));
    const ann = await server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "inquiry", content: "may I reboot db3?" });
    const args = ["--name", "admin", "--server", address];
    await using terminal = Terminal.start({ home, args });
    await terminal.untilSeen("There are open inquiries");
    await terminal.type("/queue", KEYS.enter);
    await terminal.untilSeen("── ?1: not seen yet");
    assertEquals((await ann.until("progress")).change, "seen");
    await terminal.type("/claim", KEYS.enter);
    await terminal.untilSeen("── You work on ?1");
    await terminal.untilLast("[1 ann]>");
    assertEquals((await ann.until("progress")).change, "claimed");
    await ann.send({ type: "typing", room: "?1" });
    await terminal.untilSeen("ann is typing");
    assertEquals((await ann.until("typing")).from, "ann");
    await terminal.type("go ");
    assertEquals((await ann.until("typing")).from, "admin");
    await terminal.type("ahead", KEYS.enter);
    assertEquals((await ann.until("response")).content, "go ahead");
    await terminal.untilSeen("admin: go ahead");
    await ann.ask({ type: "message", room: "?1", content: "and db4?" });
    await terminal.untilSeen("ann: and db4?");
    await terminal.type("/resolve", KEYS.enter);
    await terminal.untilSeen("── You resolved ?1");
    await terminal.untilLast("#lobby>");
    assertEquals((await ann.until("progress")).change, "resolved");
  },
});
