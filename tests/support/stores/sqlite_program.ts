// As a server's process has it: opens the database named by its argument, stores a message, prints
// what became of it, and keeps the file until its input ends. Run with the server's permissions.

import { openRepository } from "../../../lib/store/sql_repository.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { OpenError } from "../../../lib/store/sql.ts";
import { roomId } from "../../../lib/store/records.ts";

const encoder = new TextEncoder();

try {
  await using repository = await openRepository(await openSqlite({ path: Deno.args[0] ?? "" }), {
    now: () => Date.now(),
  });
  const { id: user } = await repository.users.createPassingGuest(() => "ada");
  const [answer] = await repository.messages.append([
    { room: roomId(1), user, from: "ada", guest: true, body: { kind: "message", content: "x" } },
  ]);
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(answer)}\n`));
  await Deno.stdin.read(new Uint8Array(1));
} catch (error) {
  if (!(error instanceof OpenError)) throw error;
  Deno.stdout.writeSync(encoder.encode(`${error.kind}: ${error.message}\n`));
}
