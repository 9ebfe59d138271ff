// A message's text, derived from its cid: each text shows whether it is complete and unchanged.

const SPICE = [
  "plain",
  "Grüße",
  "漢字",
  "🦜🦜",
  'say "so"\\',
  "tab\there",
  "line\nbreak",
  "trailing ",
];

/** Zero to some hundred bytes after the cid, always the same for the same cid. */
export function textOf(cid: string): string {
  let hash = 0;
  for (const character of cid) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return `${cid} ${(SPICE[hash % SPICE.length] ?? "").repeat(hash % 23)}`;
}

/** The cid of a text; undefined for a foreign or incomplete text. */
export function cidOf(text: string): string | undefined {
  const [cid = ""] = text.split(" ", 1);
  return textOf(cid) === text ? cid : undefined;
}
