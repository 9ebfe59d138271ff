// Asking the desk on the live line, by the real program in a pseudo-terminal.

import { Home } from "../support/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/pty.ts";
import { Relay } from "../support/relay.ts";
import { startTestServer } from "../support/server.ts";

Deno.test({
  name: "client terminal: what is asked is answered on the line, also after a cut",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using relay = new Relay(server.port);
    await using home = await Home.make();
    const op = await server.connect();
    const auth = { method: "token", token: server.adminToken };
    await op.ask({ type: "hello", version: 1, auth });
    const args = ["--name", "ada", "--server", `127.0.0.1:${relay.port}`];
    await using terminal = Terminal.start({ home, args });
    await terminal.untilLast("#lobby>");
    await terminal.type("/ask", KEYS.enter);
    await terminal.untilSeen("/ask needs a question");
    await terminal.type("/ask may I reboot db3?", KEYS.enter);
    await terminal.untilSeen("── Asked as ?1 · next in the queue");
    await terminal.untilSeen("?1 ada: may I reboot db3?");
    await op.until("inquiry");
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
