// The files of a running server are deleted, replaced or overwritten: it detects that, logs it, and
// acknowledges nothing more. A new server on the remaining files has their content.

import { DatabaseSync } from "node:sqlite";
import type { Size } from "../goals/goal.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { until } from "../../support/waiting.ts";
import type { Part, Reached } from "./part.ts";

/** The actions on the files, by name. */
export const TAKINGS: Readonly<Record<string, (path: string) => void>> = {
  "database deleted": (path) => Deno.removeSync(path),
  "database replaced": (path) => {
    Deno.copyFileSync(path, `${path}.other`);
    Deno.renameSync(`${path}.other`, path);
  },
  "database overwritten": (path) => {
    using other = new DatabaseSync(`${path}.other`);
    other.exec("CREATE TABLE Others (id INTEGER); INSERT INTO Others VALUES (1)");
    // As `cp` does it: the file stays the same one.
    Deno.writeFileSync(path, Deno.readFileSync(`${path}.other`));
  },
  "-wal deleted": (path) => Deno.removeSync(`${path}-wal`),
  "-shm deleted": (path) => Deno.removeSync(`${path}-shm`),
};

const NOTICED_MS = 5_000;
const SENDS = 20;
const TIMES: Readonly<Record<Size, number>> = { ci: 1, long: 20 };

export const filesTaken: Part = {
  asked:
    "database, -wal and -shm deleted, replaced or overwritten: noticed in 5 s, nothing acknowledged after",
  missing: () => undefined,
  async run(size, { directory, findings, progress }): Promise<Reached> {
    let slowestMs = 0;
    let takings = 0;
    for (let time = 0; time < TIMES[size]; time++) {
      for (const name of Object.keys(TAKINGS)) {
        const home = `${directory}/${takings++}`;
        Deno.mkdirSync(home);
        const { noticedMs, faults } = await take(home, name);
        findings.fault(...faults.map((fault) => `${name}: ${fault}`));
        findings.inTime(`${name}: noticed`, { is: noticedMs, asked: NOTICED_MS });
        slowestMs = Math.max(slowestMs, noticedMs);
        progress(`${name}: noticed after ${noticedMs.toFixed(0)} ms`);
      }
    }
    return {
      reached: `files taken ${takings} times, noticed after ${slowestMs.toFixed(0)} ms`,
      counts: { "files taken": takings },
    };
  },
};

export interface Taken {
  readonly noticedMs: number;
  readonly faults: readonly string[];
}

/** Starts a server in the directory, removes its files, and checks its reaction. */
export async function take(directory: string, name: string): Promise<Taken> {
  const path = `${directory}/data/parley.db`;
  const faults: string[] = [];
  await using server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
  using peer = await server.connect();
  const auth = { method: "guest", name: "ada" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  for (let n = 0; n < SENDS; n++) {
    if (await sayOne(peer, n) !== "ok") faults.push("nothing was acknowledged before");
  }
  TAKINGS[name]?.(path);
  const noticed = () => server.logged("database file lost");
  const noticedMs = await until(() => noticed().length > 0, {
    withinMs: 2 * NOTICED_MS,
    otherwise: `${name} was not noticed`,
  });
  if (noticed()[0]?.level !== "error") faults.push("it was not logged as an error");
  const answer = await sayOne(peer, SENDS);
  if (answer !== "unavailable") faults.push(`a message was answered ${answer}`);
  const page = await peer.ask({ type: "history", id: "page", room: "lobby", limit: SENDS });
  if (page?.events?.length !== SENDS) faults.push("history could not be read");
  const { code } = await server.terminate();
  if (code !== 0) faults.push(`the server ended with ${code}`);
  return { noticedMs, faults };
}

/** @returns what it was answered: "ok", or the code of an error */
async function sayOne(peer: Peer, n: number): Promise<string> {
  const cid = `send-${n}`;
  const reply = await peer.ask({ type: "message", id: cid, cid, room: "lobby", content: "x" });
  return reply?.type === "error" ? String(reply.code) : String(reply?.type);
}
