// The sources of the program, and what of a source is code and what is comment.

/** All sources below a directory; declarations of others' modules are left out. */
export async function* listSources(directory: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* listSources(path);
    else if (path.endsWith(".ts") && !path.endsWith(".d.ts")) yield path;
  }
}

export interface SourceParts {
  /** The text without comments, and with empty strings, templates and regular expressions. */
  readonly code: string;
  /** The comments in order, on one line each. */
  readonly comments: readonly string[];
}

/** A comment, a string or a regular expression, in the order in which they are looked for. */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>(?:^|(?<=\n))?[ \t]*//[^\n]*(?:\n[ \t]*//[^\n]*)*|/\*[^]*?\*/)`,
    String.raw`(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
    String
      .raw`(?<regex>(?<=(?:[(,=:[!&|?{};]|\breturn)\s*)/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/[a-z]*)`,
    String.raw`(?<template>[${"`"}])`,
  ].join("|"),
  "g",
);

/** Splits a source into code and comments. */
export function splitSource(text: string): SourceParts {
  const comments: string[] = [];
  let code = "";
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return { code: code + text.slice(at), comments };
    code += text.slice(at, match.index);
    at = TOKEN.lastIndex;
    if (match.groups?.comment !== undefined) comments.push(oneLine(match[0]));
    else if (match.groups?.template === undefined) code += '""';
    else {
      const template = readTemplate(text, at);
      at = template.end;
      for (const inner of template.inner) {
        const parts = splitSource(inner);
        code += ` ${parts.code} `;
        comments.push(...parts.comments);
      }
    }
  }
}

/** Reads a template behind its first backtick: the code inside its `${}`, and where it ends. */
function readTemplate(text: string, start: number): { inner: string[]; end: number } {
  const inner: string[] = [];
  let at = start;
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "\\") at += 2;
    else if (!text.startsWith("${", at)) at++;
    else {
      const end = endOfBraces(text, at + 2);
      inner.push(text.slice(at + 2, end));
      at = end + 1;
    }
  }
  return { inner, end: at + 1 };
}

/** Where the brace closes that was opened before `start`; templates may be nested in it. */
function endOfBraces(text: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === "`") at = readTemplate(text, at + 1).end - 1;
    else if (char === '"') at = text.indexOf('"', at + 1);
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return at;
  }
  return at;
}

function oneLine(comment: string): string {
  return comment.replaceAll(/\n\s*(?:\/\/|\*(?!\/))?\s*/g, " ").trim();
}
