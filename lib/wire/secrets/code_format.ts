// The format of a code: 80 bits as 16 characters of Crockford's base32, which people can read out and type
// (https://www.crockford.com/base32.html). Knows no store and no randomness.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE = new RegExp(`^[${ALPHABET}]{16}$`);

/** The code of 10 random bytes. */
export function formatCode(secret: Uint8Array): string {
  let bits = BigInt(`0x${secret.toHex()}`);
  let code = "";
  for (; code.length < 16; bits >>= 5n) code = ALPHABET.charAt(Number(bits & 31n)) + code;
  return code;
}

/**
 * The code in what a person has typed: in any case, with spaces and dashes, O for 0, and I or L for 1.
 * Undefined when it is none.
 */
export function parseCode(text: string): string | undefined {
  const code = text.replaceAll(/[\s-]/g, "").toUpperCase().replaceAll("O", "0").replaceAll(
    /[IL]/g,
    "1",
  );
  return CODE.test(code) ? code : undefined;
}
