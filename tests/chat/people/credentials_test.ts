import { assertEquals, assertRejects } from "@std/assert";
import { Credentials } from "../../../lib/chat/people/credentials.ts";
import type { Principal } from "../../../lib/chat/people/principal.ts";
import type { EndedToken, UserId } from "../../../lib/store/records.ts";
import { ChatError } from "../../../lib/wire/errors.ts";

const ANN = 7 as UserId;
const TOKEN = 3;
const PRINCIPAL = { user: ANN, hasRole: () => false } as unknown as Principal;

/** Credentials on a store in memory; `closed` are the tokens whose connections were closed. */
function scene(
  { whenEnded }: { whenEnded: (credentials: Credentials) => Promise<void> },
): { readonly credentials: Credentials; readonly closed: readonly number[] } {
  const closed: number[] = [];
  const endings: EndedToken[] = [];
  type Options = ConstructorParameters<typeof Credentials>[0];
  const options = {
    tokens: {
      find: () => Promise.resolve({ user: ANN }),
      lastEnding: () => Promise.resolve(0),
      endings: () => Promise.resolve({ tokens: endings, last: endings.length }),
      async end(token: number): Promise<boolean> {
        endings.push({ token, user: ANN });
        await whenEnded(credentials);
        return true;
      },
    },
    clock: { now: () => 0 },
    connections: { endToken: ({ token }: EndedToken) => closed.push(token) },
    cluster: { tokensEnded: () => {} },
  };
  const credentials = new Credentials(options as unknown as Options);
  return { credentials, closed };
}

Deno.test("credentials: a look at the store in mid-logout does not close before the reply", async () => {
  const { credentials, closed } = scene({ whenEnded: (credentials) => credentials.poll() });
  const endConnections = await credentials.end(PRINCIPAL, TOKEN);
  await credentials.poll();
  assertEquals(closed, []);
  endConnections();
  assertEquals(closed, [TOKEN]);
});

Deno.test("credentials: a token whose end was cut off after its commit is closed by the next look", async () => {
  const { credentials, closed } = scene({
    whenEnded: () => Promise.reject(new ChatError("unavailable", "the store is gone")),
  });
  await assertRejects(() => credentials.end(PRINCIPAL, TOKEN), ChatError);
  await credentials.poll();
  assertEquals(closed, [TOKEN]);
});
