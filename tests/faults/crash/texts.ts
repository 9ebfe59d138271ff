// A message's text, made from its cid: whoever sees one can tell that it is whole and unchanged.

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

/** From nothing to some hundred bytes behind the cid, always the same for the same cid. */
export function textOf(cid: string): string {
  let hash = 0;
  for (const letter of cid) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return `${cid} ${(SPICE[hash % SPICE.length] ?? "").repeat(hash % 23)}`;
}

/** The cid that a text was made from; undefined when the text is none of ours, or not whole. */
export function cidOf(text: string): string | undefined {
  const [cid = ""] = text.split(" ", 1);
  return textOf(cid) === text ? cid : undefined;
}
