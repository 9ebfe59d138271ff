// The dialogues of docs/protocol.md: found in the page, read line by line, and played against a
// server. What a dialogue may leave open is said in the page's first paragraphs.

import { RawClient } from "../support/clients/raw_client.ts";
import type { TestServer } from "../support/server.ts";

export interface Dialogue {
  /** The heading it stands under. */
  readonly heading: string;
  readonly steps: readonly Step[];
}

/** One line: who, whether they send or receive it, what, and where in the page it stands. */
interface Step {
  readonly who: string;
  readonly way: ">" | "<";
  readonly text: string;
  readonly line: number;
}

/** A JSON value in which a string of these beginnings stands for something else. */
type Pattern = unknown;
const ANYTHING = "\u0001anything";
const ANY_STRING = "…";
const NAMED = /^<(\w+)>$/;
/** As a key: any further fields. */
const FURTHER = "\u0001further";

const END = "(end)";
const STEP = /^([A-Z])([<>]) (.+)$/;
const STRING_OR_REST = /"(?:[^"\\]|\\.)*"|[^"]+/g;

/** All dialogues of a page. @throws when a line of one is none */
export function parseDialogues(markdown: string): Dialogue[] {
  const dialogues: Dialogue[] = [];
  let heading = "";
  let steps: Step[] | undefined;
  for (const [at, text] of markdown.split("\n").entries()) {
    if (text.startsWith("```")) {
      if (steps !== undefined) dialogues.push({ heading, steps });
      steps = text === "```dialogue" ? [] : undefined;
    } else if (steps !== undefined) steps.push(parseStep(text, at + 1));
    else if (/^#+ /.test(text)) heading = text.replace(/^#+ /, "");
  }
  return dialogues;
}

function parseStep(text: string, line: number): Step {
  const [, who, way, posted] = STEP.exec(text) ?? [];
  if (who === undefined || posted === undefined || (way !== ">" && way !== "<")) {
    throw new Error(`Line ${line} is no line of a dialogue: ${text}`);
  }
  return { who, way, text: posted, line };
}

/** Plays a dialogue. @throws at the first line that is not as the page has it */
export async function playDialogue({ steps }: Dialogue, server: TestServer): Promise<void> {
  const clients = new Map<string, RawClient>();
  const ended = new Set<string>();
  const names = new Map<string, unknown>([["admin", server.adminToken]]);
  for (const { who, way, text, line } of steps) {
    const client = clients.get(who) ?? await server.connect();
    clients.set(who, client);
    if (text === END) {
      if (way === ">") await client.closeWrite();
      else await expectEnd(client, line);
      ended.add(who);
    } else if (way === ">") await client.send(fill(text, names));
    else await expectFrame(client, { pattern: parsePattern(text), names, line });
  }
  for (const [who, client] of clients) if (!ended.has(who)) await client.quiet();
}

async function expectFrame(
  client: RawClient,
  { pattern, names, line }: { pattern: Pattern; names: Map<string, unknown>; line: number },
): Promise<void> {
  const frame = await client.next();
  const wrong = mismatch(frame, { pattern, names, path: "" });
  if (wrong !== undefined) {
    throw new Error(`docs/protocol.md:${line}: ${wrong}\nreceived: ${JSON.stringify(frame)}`);
  }
}

async function expectEnd(client: RawClient, line: number): Promise<void> {
  const frame = await client.nextOrEnd();
  if (frame === undefined) return;
  throw new Error(`docs/protocol.md:${line}: no end, but ${JSON.stringify(frame)}`);
}

/** A line to send, with the names in it replaced by what they stand for. */
function fill(text: string, names: ReadonlyMap<string, unknown>): string {
  return text.replaceAll(
    /"<(\w+)>"/g,
    (whole, name) => names.has(name) ? JSON.stringify(names.get(name)) : whole,
  );
}

/** JSON in which `…` and `<name>` may stand where a value does, and `…` where fields do. */
function parsePattern(text: string): Pattern {
  const json = text.replaceAll(STRING_OR_REST, (part) => {
    if (part.startsWith('"')) return part;
    return part
      .replaceAll(/(?<=[{,]\s*)…(?=\s*})/g, `"${FURTHER}":true`)
      .replaceAll("…", `"${ANYTHING}"`)
      .replaceAll(/<\w+>/g, (name) => `"${name}"`);
  });
  // A control character is written as JSON wants it.
  return JSON.parse(json.replaceAll("\u0001", "\\u0001"));
}

interface Expected {
  readonly pattern: Pattern;
  readonly names: Map<string, unknown>;
  readonly path: string;
}

/** What is not as the pattern says; undefined when all is. */
function mismatch(found: unknown, { pattern, names, path }: Expected): string | undefined {
  if (pattern === ANYTHING) return found === undefined ? `${path} is missing` : undefined;
  if (typeof pattern === "string") return mismatchText(found, { pattern, names, path });
  if (Array.isArray(pattern)) {
    if (!Array.isArray(found)) return `${path} is no array`;
    if (found.length !== pattern.length) return `${path} has ${found.length} entries`;
    return firstOf(
      pattern,
      (item, at) => mismatch(found[at], { pattern: item, names, path: `${path}.${at}` }),
    );
  }
  if (!isObject(pattern)) return found === pattern ? undefined : `${path} is not ${pattern}`;
  if (!isObject(found)) return `${path} is no object`;
  const { [FURTHER]: further, ...fields } = pattern;
  const unexpected = Object.keys(found).find((key) => !Object.hasOwn(fields, key));
  if (unexpected !== undefined && further === undefined) return `${path}.${unexpected} is there`;
  return firstOf(
    Object.entries(fields),
    ([key, value]) => mismatch(found[key], { pattern: value, names, path: `${path}.${key}` }),
  );
}

function mismatchText(
  found: unknown,
  { pattern, names, path }: Expected & { pattern: string },
): string | undefined {
  const name = NAMED.exec(pattern)?.[1];
  if (name !== undefined) {
    if (!names.has(name)) names.set(name, found);
    return found === names.get(name) && found !== undefined ? undefined : `${path} is another`;
  }
  const isRight = pattern === ANY_STRING ? typeof found === "string" : found === pattern;
  return isRight ? undefined : `${path} is not ${JSON.stringify(pattern)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstOf<T>(
  items: readonly T[],
  find: (item: T, at: number) => string | undefined,
): string | undefined {
  for (const [at, item] of items.entries()) {
    const found = find(item, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
