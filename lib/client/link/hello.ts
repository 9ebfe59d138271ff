// The first request of a session, which logs in. A peer that is no Parley server is detected here.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { PROTOCOL_VERSION } from "../../wire/frames/session.ts";
import type { SleepClock } from "../../time.ts";
import { Failure } from "../exit.ts";
import type { Identity } from "../files/identity.ts";
import { PROGRAM_NAME } from "../../version.ts";

/** A server must answer within this. */
const HELLO_MS = 15_000;

type HelloRequest = (frame: ClientFrame<"hello">) => Promise<ServerFrame<"welcome">>;

/**
 * Says hello, again if another token or none may fare better; the welcome.
 * @throws {Failure} timeout or protocol; {ChatError} when the server refuses.
 */
export async function sendHello(
  request: HelloRequest,
  { identity, clock, signal }: {
    readonly identity: Identity;
    readonly clock: SleepClock;
    readonly signal?: AbortSignal;
  },
): Promise<ServerFrame<"welcome">> {
  for (;;) {
    const auth = await identity.auth(signal);
    const hello = { type: "hello" as const, version: PROTOCOL_VERSION, client: PROGRAM_NAME, auth };
    try {
      const welcome = await inTime(request(hello), clock);
      if (welcome.version !== PROTOCOL_VERSION || welcome.you === null) {
        const versions = `The server speaks version ${welcome.version} of the protocol`;
        throw new Failure("protocol", `${versions}, this client version ${PROTOCOL_VERSION}`);
      }
      await identity.welcomed(welcome);
      return welcome;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      if (isForeign(error)) throw new Failure("protocol", describeForeign(error));
      const next = identity.refused(error);
      if (next !== "again") throw next === "final" ? error : next;
    } finally {
      await identity.helloOver();
    }
  }
}

async function inTime<T>(work: Promise<T>, clock: SleepClock): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(HELLO_MS, done.signal).then(() => {
    if (done.signal.aborted) return work;
    throw new Failure("timeout", `The server did not answer within ${HELLO_MS / 1_000} s`);
  });
  late.catch(() => {}); // The race below has it, if it comes first.
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** Whether only a peer with another protocol or version refuses a hello like this. */
function isForeign({ code, details }: ChatError): boolean {
  const framing = ["bad_json", "bad_utf8", "bad_frame", "unknown_type", "frame_too_large"];
  return framing.includes(code) || (code === "bad_field" && details.field === "version");
}

function describeForeign(error: ChatError): string {
  return `The server does not speak version ${PROTOCOL_VERSION} of Parley: ${error.message}`;
}
