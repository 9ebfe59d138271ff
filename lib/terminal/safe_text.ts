// Makes text of other people safe for a terminal. Characters are replaced, never deleted: nothing can
// hide and nothing can act. Pure; a view calls it where text leaves the program.
// Sources: ECMA-48 (controls), UTS #39 and UTR #36 (invisible and reordering characters).

/**
 * What may act on a terminal or cannot be seen: controls, lone surrogates, noncharacters, line and
 * paragraph separators, and every default-ignorable character (bidi controls, tags, zero-width).
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/**
 * The same, but for joiners where a script or an emoji needs them to look right: a variation
 * selector after a symbol, a zero-width joiner between symbols, joiners inside Arabic, Syriac,
 * Mongolian and the scripts of India. There their effect can be seen.
 */
const UNSAFE_UNJOINED = new RegExp(
  [
    String.raw`(?<=[\p{Emoji}\p{Extended_Pictographic}])[\ufe0e\ufe0f]`,
    String
      .raw`(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=[${joiningScripts()}])[\u200c\u200d](?=[${joiningScripts()}])`,
    `(?<unsafe>${UNSAFE.source})`,
  ].join("|"),
  "gu",
);

/** More marks than any script puts on one letter: they would be drawn over other lines. */
const STACKED_MARKS = /(\p{M}{5})\p{M}+/gu;

const REPLACEMENT = "\ufffd";

function joiningScripts(): string {
  return ["Arab", "Syrc", "Mong", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda"]
    .concat("Mlym", "Sinh").map((script) => `\\p{Script=${script}}`).join("");
}

/** The picture of a control (U+2400 block); U+FFFD for a character without one. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (character.length === 1 && code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : REPLACEMENT;
}

/**
 * A piece of one line that can neither act nor hide: nothing in it moves the cursor up, down or to
 * the left, not even a newline. A tab stays a tab, since it only moves to the right.
 */
export function safeText(text: string): string {
  if (isPlainAscii(text)) return text;
  return text
    .replace(UNSAFE_UNJOINED, (kept, ...rest) => {
      const { unsafe } = rest.at(-1) as { readonly unsafe?: string };
      return unsafe === undefined || unsafe === "\t" ? kept : picture(unsafe);
    })
    .replace(STACKED_MARKS, `$1${REPLACEMENT}`);
}

/** JSON whose every character can be seen: what is unsafe becomes `\uXXXX`, the value the same. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (isPlainAscii(json)) return json;
  return json.replace(UNSAFE, (character) => {
    let escaped = "";
    for (let i = 0; i < character.length; i++) {
      escaped += "\\u" + character.charCodeAt(i).toString(16).padStart(4, "0");
    }
    return escaped;
  });
}

function isPlainAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
