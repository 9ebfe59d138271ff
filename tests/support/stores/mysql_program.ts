// As a server's process has it: opens the MySQL database that its argument describes in JSON, stores a
// message and prints what became of it. Run with the server's permissions.

import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import { OpenError } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { roomId } from "../../../lib/store/records.ts";

const encoder = new TextEncoder();

try {
  const options: MysqlOptions = JSON.parse(Deno.args[0] ?? "");
  await using repository = await openRepository(await openMysql(options), {
    now: () => Date.now(),
  });
  const { id: user } = await repository.users.createPassingGuest(() => "ada");
  const [answer] = await repository.messages.append([
    { room: roomId(1), user, from: "ada", guest: true, body: { kind: "message", content: "x" } },
  ]);
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(answer)}\n`));
} catch (error) {
  if (!(error instanceof OpenError)) throw error;
  Deno.stdout.writeSync(encoder.encode(`${error.kind}: ${error.message}\n`));
}
