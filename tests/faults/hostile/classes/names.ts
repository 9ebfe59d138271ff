// Classes about names: what looks like a letter and is none, what is reserved, and who looks like whom.

import { answered, type FrameGenerator, type HostileClass, refused } from "../case.ts";
import type { Answer, HostileCase } from "../case.ts";
import type { Random } from "../../../support/random.ts";

/** Who is connected all the time while cases are sent. */
export const BYSTANDERS = ["bob", "lan"] as const;

/** Letters and marks that make one name look like another, or like nothing. */
const CONFUSABLES = [
  "\u0430", // Cyrillic a
  "\u03bf", // Greek omicron
  "\uff41", // full-width a
  "\u{1d41a}", // mathematical bold a
  "\u212a", // Kelvin sign
  "\u017f", // long s
  "\u0131", // dotless i
  "\u0130", // I with a dot
  "\u200b", // zero width space
  "\u00ad", // soft hyphen
  "\u0301", // combining acute
  "\u2060", // word joiner
  "\ufeff", // byte order mark
  "\u202e", // right to left
  "\u00e9",
  "\u00df",
  "\ufb01", // fi as one letter
  "\u0967", // Devanagari one
  "\u{1f600}",
  "\u00a0", // no-break space
  " ",
  ".",
  "'",
  "#",
  "/",
  "\\",
];

/** A guest keeps a name: each case has one that no case before it had. */
function unused(name: string, random: Random): string {
  const number = String(random.integer(1, 1e9));
  return name.slice(0, 32 - number.length) + number;
}

function hello(generator: FrameGenerator, name: string, answer: Answer): HostileCase {
  return generator.request("hello", { version: 1, auth: { method: "guest", name } }, answer);
}

const confusables: HostileClass = {
  number: 25,
  title: "letters that look like others, in names",
  generate(generator): HostileCase {
    const { random } = generator;
    const odd = random.pick(CONFUSABLES);
    const name = random.pick([`${odd}da`, `a${odd}a`, `ad${odd}`, `admin${odd}`, odd]);
    if (random.chance(0.5)) {
      return generator.request("join", { room: name, create: true }, refused("bad_name", "room"));
    }
    const auth = { method: "guest", name };
    return generator.request("login", { auth }, refused("bad_name", "auth.name"));
  },
};

const RESERVED = ["admin", "ADMIN", "Admin", "adm1n", "admln", "adrnin", "root", "r00t", "R0OT"]
  .concat(["system", "sYstem", "server", "SERVER", "support", "operator", "OperatOr", "console"])
  .concat(["c0nsole", "consoIe", "all", "a11", "aII", "here", "HERE"]);
/** Those who look like a bystander, or are one. */
const TAKEN = ["bob", "BOB", "b0b", "Bob", "lan", "LAN", "Ian", "IAN", "Lan"];
const NO_NAMES = ["", "a", "Z", "a".repeat(33), "ada ", " ada", "ada.", "ada-", "ada_", "-ada"]
  .concat([
    "_ada",
    "1ada",
    "1",
    "1an",
    "0perator",
    "a--",
    "ada\t",
    "ada\n",
    "a".repeat(300),
    "b".repeat(3_000),
  ]);
const FINE = ["Ali", "Arno", "corn", "heron", "alla", "Ad", "a".repeat(32), "a-b_c9", "ian2"]
  .concat(["rooty", "admins", "bobb", "lanl"]);
const ROOMS_RESERVED = ["system", "SERVER", "All", "here"];

const reservedNames: HostileClass = {
  number: 26,
  title: "names that are reserved, taken, too like another, too short, too long",
  stages: ["first", "member"],
  generate(generator): HostileCase {
    const { random, stage } = generator;
    if (stage === "member") {
      const room = random.pick(ROOMS_RESERVED);
      if (random.chance(0.7)) {
        return generator.request("join", { room, create: true }, refused("name_taken", "room"));
      }
      return generator.request("join", { room: random.pick(["LOBBY", "Lobby"]) }, answered("room"));
    }
    switch (random.integer(0, 3)) {
      case 0:
        return hello(generator, random.pick(RESERVED), refused("name_taken", "auth.name"));
      case 1:
        return hello(generator, random.pick(TAKEN), refused("name_taken", "auth.name"));
      case 2:
        return hello(generator, random.pick(NO_NAMES), refused("bad_name", "auth.name"));
      default:
        return hello(generator, unused(random.pick(FINE), random), answered("welcome"));
    }
  },
};

export const NAME_CLASSES: readonly HostileClass[] = [confusables, reservedNames];
