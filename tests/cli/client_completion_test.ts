// `completion`: the scripts, in the real shells where they are installed.

import { assert, assertEquals } from "@std/assert";
import { describeClient } from "../../lib/config/client_commands.ts";
import { formatCompletion } from "../../lib/config/completion/completion.ts";
import { SHELLS } from "../../lib/config/completion/completion_command.ts";
import { listCommands } from "../../lib/config/completion/program_shape.ts";
import { findProgram } from "../support/processes/programs.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { within } from "../support/waiting.ts";

const CLIENT = describeClient();
const COMMANDS = CLIENT.commands.map(({ path }) => path).toSorted();

/** What the program knows of rooms, in a folder of its own in the tests. */
const ROOMS = ["lobby", "ops", "ops-night"];
const PROGRAM = `#!/bin/sh
[ "$*" = "rooms --known" ] && printf '%s\\n' ${ROOMS.join(" ")}
`;

/** What is typed before Tab, and the words that are offered. */
const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["parley ", COMMANDS],
  ["parley hist", ["history"]],
  ["parley --name send wa", ["wait"]],
  ["parley history ops --bef", ["--before"]],
  ["parley history ops --ser", ["--server"]],
  ["parley status --format ", ["json", "text", "tmux"]],
  ["parley status --format t", ["text", "tmux"]],
  ["parley --name ada completion ", ["bash", "fish", "zsh"]],
  ["parley desk rep", ["report"]],
  ["parley desk report --si", ["--since"]],
  ["parley history ops --limit ", []],
  ["parley send ", ROOMS],
  ["parley --name ada tail --json o", ["ops", "ops-night"]],
  ["parley send ops ", []],
  ["parley tail ops --hist", ["--history"]],
];

/** Runs a shell's script with the folder in place of `@`. @returns what it has printed, by lines */
async function run(
  path: string,
  { args, script, knowsRooms = true }: {
    readonly args: readonly string[];
    readonly script: string;
    readonly knowsRooms?: boolean;
  },
): Promise<readonly string[]> {
  await using folder = await temporaryDirectory();
  for (const shell of SHELLS) {
    const text = formatCompletion(CLIENT, { shell, program: "parley" });
    await Deno.writeTextFile(`${folder.path}/${shell}`, text);
  }
  await Deno.mkdir(`${folder.path}/empty`);
  await Deno.mkdir(`${folder.path}/bin`);
  await Deno.writeTextFile(`${folder.path}/bin/parley`, PROGRAM, { mode: 0o755 });
  const child = new Deno.Command(path, {
    args: [...args, "-c", script.replaceAll("@", folder.path)],
    cwd: `${folder.path}/empty`,
    env: {
      HOME: `${folder.path}/empty`,
      TERM: "dumb",
      PATH: `${knowsRooms ? `${folder.path}/bin:` : ""}${Deno.env.get("PATH")}`,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { stdout, stderr } = await within(20_000, child.output(), "The shell did not end");
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  return decoder.decode(stdout).split("\n").filter((line) => line !== "");
}

const bash = findProgram("bash");
Deno.test({
  name: "completion: bash offers the commands, options, choices and rooms",
  ignore: bash === undefined,
  fn: async () => {
    const script = LINES.map(([line]) => {
      const words = line.split(" ");
      const quoted = words.map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}; _parley
        echo "= \${COMPREPLY[*]}"`;
    });
    const args = ["--norc", "--noprofile"];
    const lines = await run(bash ?? "", { args, script: `source @/bash\n${script.join("\n")}` });
    const offered = lines.map((line) => line.slice(2).split(" ").filter((word) => word !== ""));
    assertEquals(offered.map((words) => words.toSorted()), LINES.map(([, words]) => [...words]));
    const unknown = `source @/bash; COMP_WORDS=(parley send '') COMP_CWORD=2; _parley
      echo "= \${COMPREPLY[*]}"`;
    assertEquals(await run(bash ?? "", { args, script: unknown, knowsRooms: false }), ["= "]);
  },
});

const fish = findProgram("fish");
Deno.test({
  name: "completion: fish offers the commands, options, choices and rooms",
  ignore: fish === undefined,
  fn: async () => {
    const script = LINES.map(([line]) => `echo "= $(complete -C '${line}' | string join '|')"`);
    const args = ["--no-config"];
    const lines = await run(fish ?? "", { args, script: `source @/fish\n${script.join("\n")}` });
    const offered = lines.map((line) =>
      line.slice(2).split("|").map((each) => each.split("\t")[0] ?? "").filter((word) => word)
    );
    assertEquals(offered.map((words) => words.toSorted()), LINES.map(([, words]) => [...words]));
    const unknown = `source @/fish; echo "= $(complete -C 'parley send ')"`;
    assertEquals(await run(fish ?? "", { args, script: unknown, knowsRooms: false }), ["= "]);
  },
});

const zsh = findProgram("zsh");
Deno.test({
  name: "completion: zsh completes commands, options, choices and rooms",
  ignore: zsh === undefined,
  fn: async () => {
    const lines = [
      ["parley hist", "parley history "],
      ["parley --name send wa", "parley --name send wait "],
      ["parley history ops --bef", "parley history ops --before "],
      ["parley status --format j", "parley status --format json "],
      ["parley desk rep", "parley desk report "],
      ["parley completion z", "parley completion zsh "],
      ["parley --name ada wait l", "parley --name ada wait lobby "],
      ["parley wait lobby l", "parley wait lobby l"],
    ];
    // A shell in a terminal of its own, at which Tab is pressed; it prints the line that stands then.
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -D -u"
      zpty -w shell "source @/zsh; show() { print -r -- \\"<\\$BUFFER>\\"; BUFFER=; }; zle -N show"
      zpty -w shell "bindkey '^X' show; echo LOA''DED"
      zpty -r -m shell loaded '*LOADED*'
      for line in ${lines.map(([typed]) => `'${typed}'`).join(" ")}; do
        zpty -w -n shell "$line"$'\\t\\x18'
        zpty -r -m shell out '*<*>*'
        print -r -- "=\${\${out##*<}%%>*}"
      done
      zpty -d shell`;
    const completed = await run(zsh ?? "", { args: ["-f"], script });
    assertEquals(completed, lines.map(([, wanted]) => `=${wanted}`));
  },
});

Deno.test("completion: every command and option is in every script, under the program's own name", () => {
  for (const shell of SHELLS) {
    const text = formatCompletion(CLIENT, { shell, program: "my-chat" });
    assert(!text.includes("parley "), shell);
    for (const { path, options } of listCommands(CLIENT)) {
      for (const word of path.split(" ")) assert(text.includes(word), `${shell}: ${word}`);
      for (const { flag } of options) assert(text.includes(flag.slice(2)), `${shell}: ${flag}`);
    }
  }
});
