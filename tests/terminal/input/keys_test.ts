import { assertEquals } from "@std/assert";
import { BurstDetector } from "../../../lib/terminal/input/bursts.ts";
import { type Input, KeyDecoder } from "../../../lib/terminal/input/keys.ts";

const encoder = new TextEncoder();

function decode(...chunks: readonly (string | Uint8Array)[]): readonly Input[] {
  const decoder = new KeyDecoder();
  const inputs = chunks.flatMap((chunk) => {
    return decoder.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  });
  // Texts that the border of a chunk has parted.
  return inputs.reduce<Input[]>((merged, input) => {
    const last = merged.at(-1);
    if (input.kind !== "text" || last?.kind !== "text") return [...merged, input];
    return [...merged.slice(0, -1), { kind: "text", text: last.text + input.text }];
  }, []);
}

/** The names of keys; texts as they are. */
function names(...chunks: readonly (string | Uint8Array)[]): readonly string[] {
  return decode(...chunks).map((input) => {
    if (input.kind === "key") return input.key;
    return input.kind === "text" || input.kind === "paste" ? `"${input.text}"` : input.kind;
  });
}

const KEYS: readonly (readonly [sent: string, names: readonly string[]])[] = [
  ["ab", ['"ab"']],
  ["\r", ["enter"]],
  ["\n", ["ctrl-j"]],
  ["\t", ["tab"]],
  ["\x01\x1a\x1f\0", ["ctrl-a", "ctrl-z", "ctrl-_", "ctrl-space"]],
  ["\x7f\b", ["backspace", "backspace"]],
  ["\x1b[A\x1bOA", ["up", "up"]],
  ["\x1b[H\x1b[1~\x1bOH\x1b[7~", ["home", "home", "home", "home"]],
  ["\x1b[F\x1b[4~\x1b[3~", ["end", "end", "delete"]],
  ["\x1b[1;5D\x1b[1;3C\x1bO5C", ["ctrl-left", "alt-right", "ctrl-right"]],
  ["\x1b[3;5~", ["ctrl-delete"]],
  ["\x1bb\x1bB\x1b\x7f", ["alt-b", "alt-b", "alt-backspace"]],
  ["\x1b\r", ["alt-enter"]],
  ["\x1b\x03", ["escape", "ctrl-c"]],
  ["\x1b\x1b[A", ["escape", "up"]],
  ["\x1b[Z", ["shift-tab"]],
  // modifyOtherKeys and the kitty keyboard protocol.
  ["\x1b[27;5;13~\x1b[13;2u", ["ctrl-enter", "shift-enter"]],
  ["\x1b[97;5u\x1b[27;3;98~\x1b[97;1u", ["ctrl-a", "alt-b", '"a"']],
  ["\x1b[27u", ["escape"]],
  ["\x1b[10;5R", ["cursor"]],
  ["\x1b[I\x1b[O", ["focus", "focus"]],
  // Without a meaning here: keys of the Linux console, function keys, C1.
  ["\x1b[[A\x1b[15~\x1bOP\x9bx", ['"x"']],
  ["é日👩‍👩‍👧", ['"é日👩‍👩‍👧"']],
];

Deno.test("keys: what terminals send becomes keys with names", () => {
  for (const [sent, expected] of KEYS) {
    assertEquals(names(sent), expected, JSON.stringify(sent));
  }
});

Deno.test("keys: wherever the bytes are cut, the keys are the same", () => {
  for (const [sent, expected] of KEYS) {
    const bytes = encoder.encode(sent);
    for (let at = 1; at < bytes.length; at++) {
      assertEquals(names(bytes.subarray(0, at), bytes.subarray(at)), expected, `${at} of ${sent}`);
    }
  }
});

Deno.test("keys: an Esc waits for what it begins, and stands alone when nothing comes", () => {
  const decoder = new KeyDecoder();
  assertEquals([decoder.push(encoder.encode("\x1b")), decoder.isPending], [[], true]);
  assertEquals(decoder.flush(), [{ kind: "key", key: "escape" }]);
  assertEquals(decoder.push(encoder.encode("\r")), [{ kind: "key", key: "enter" }]);
  decoder.push(encoder.encode("\x1b["));
  assertEquals(decoder.flush(), [{ kind: "key", key: "escape" }, { kind: "text", text: "[" }]);
  assertEquals([decoder.isPending, decoder.flush()], [false, []]);
});

const INPUT = "ab\x1b[200~one\r\ntwo\x1b[201~cd\r\x1b[A";
const INPUTS: readonly Input[] = [
  { kind: "text", text: "ab" },
  { kind: "paste", text: "one\ntwo" },
  { kind: "text", text: "cd" },
  { kind: "key", key: "enter" },
  { kind: "key", key: "up" },
];

Deno.test("paste: wherever the bytes are cut, the paste is the same", () => {
  assertEquals(decode(INPUT), INPUTS);
  for (let at = 1; at < INPUT.length; at++) {
    assertEquals(decode(INPUT.slice(0, at), INPUT.slice(at)), INPUTS, `cut at ${at}`);
  }
  assertEquals(decode(...INPUT), INPUTS);
});

Deno.test("paste: a character of several bytes may come in parts", () => {
  const decoder = new KeyDecoder();
  const bytes = encoder.encode("é\x1b[200~😀\x1b[201~");
  const inputs = Array.from(bytes, (byte) => decoder.push(Uint8Array.of(byte))).flat();
  assertEquals(inputs, [{ kind: "text", text: "é" }, { kind: "paste", text: "😀" }]);
});

Deno.test("paste: two in one read are two, with the keys between them", () => {
  const two = "\x1b[200~one\x1b[201~\r/who\r\x1b[200~two\x1b[201~";
  assertEquals(names(two), ['"one"', "enter", '"/who"', "enter", '"two"']);
});

Deno.test("paste: an end mark in the clipboard does not end the paste", () => {
  const evil = "\x1b[200~harmless\x1b[201~\rrm -rf ~\r\x1b[201~";
  assertEquals(decode(evil), [{ kind: "paste", text: "harmless\nrm -rf ~" }]);
});

Deno.test("paste: nothing in it can act on the terminal", () => {
  const inputs = decode("\x1b[200~a\x1b[31mb\x07\x9bc\x7f\x00\ttab\x1b[201~");
  assertEquals(inputs, [{ kind: "paste", text: "a[31mbc\ttab" }]);
});

Deno.test("paste: newlines at its end are not part of it", () => {
  assertEquals(decode("\x1b[200~line\r\n\r\n\x1b[201~"), [{ kind: "paste", text: "line" }]);
});

Deno.test("paste: one too long for a message is dropped, and what follows is typed", () => {
  const parts = Array.from({ length: 5 }, () => "x".repeat(100_000));
  assertEquals(names("\x1b[200~", ...parts, "\x1b[201~ok"), ["droppedPaste", '"ok"']);
});

Deno.test("paste: Ctrl-C ends one that does not end", () => {
  assertEquals(names("\x1b[200~one", "\x03", "ok"), ["ctrl-c", '"ok"']);
});

Deno.test("bursts: up to three lines are typed ahead, more are one input", () => {
  const bursts = new BurstDetector();
  const take = (text: string, nowMs: number) => bursts.take(decode(text), nowMs);
  assertEquals(take("a\rb\rc\r", 0), decode("a\rb\rc\r"));
  assertEquals(take("a\rb\rc\rd\r\te", 0), [
    { kind: "burst", text: "a\nb\nc\nd\n\te", continues: false },
  ]);
  assertEquals(take("f\r", 50), [{ kind: "burst", text: "f\n", continues: true }]);
  assertEquals(take("\x03", 60), [{ kind: "key", key: "ctrl-c" }]);
  assertEquals(take("never mind\r", 70), decode("never mind\r"));
  assertEquals(take("\r", 1_000), [{ kind: "key", key: "enter" }]);
});
