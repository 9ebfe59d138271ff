// The class about passwords: what cannot be one is refused before it costs a hash.

import { type FrameGenerator, type HostileCase, type HostileClass, refused } from "../case.ts";

/** No password at all, whatever it is for. */
const NONE: readonly unknown[] = [
  "",
  "\u0000aaaaaaaa",
  "aaaaaaaa\u0000",
  "aaaa\u0007aaaa",
  "aaaa\u0085aaaa",
  "aaaa\naaaa",
  7,
  null,
  true,
  [],
  {},
  ["aaaaaaaa"],
];
/** Too short for a new one, in characters or once its letters are composed. */
const SHORT = ["a", "aaaaaaa", "ééééééé", "e\u0301".repeat(7), "\u{1f600}".repeat(7)];

const passwords: HostileClass = {
  number: 38,
  title: "what is no password",
  generate(generator: FrameGenerator): HostileCase {
    const { random } = generator;
    const long = random.pick(["a", "é", "e\u0301", "\u{1f600}", " "]).repeat(
      random.integer(257, 600),
    );
    const none = random.pick([...NONE, long, `a${"\u0301".repeat(random.integer(256, 900))}`]);
    const fresh = random.pick([none, random.pick(SHORT)]);
    switch (random.integer(0, 2)) {
      case 0:
        return generator.request("register", { password: fresh }, refused("bad_field", "password"));
      case 1:
        return generator.request("password", { new: fresh }, refused("bad_field", "new"));
      default: {
        const auth = { method: "password", name: "bob", password: none };
        return generator.request("login", { auth }, refused("bad_field", "auth.password"));
      }
    }
  },
};

export const PASSWORD_CLASSES: readonly HostileClass[] = [passwords];
