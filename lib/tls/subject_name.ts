// The names that a certificate is for: DNS names and IP addresses, as people write them.

import { isIP, isIPv4 } from "node:net";

/** A name that the certificate is valid for, and its form in the certificate. */
export type SubjectName =
  | { readonly kind: "dns"; readonly text: string }
  | { readonly kind: "ip"; readonly text: string; readonly bytes: Uint8Array<ArrayBuffer> };

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** A wildcard is allowed as the whole first label of at least three (RFC 6125 §6.4.3). */
const DNS_NAME = new RegExp(`^(?:\\*\\.(?=.*\\.))?${LABEL}(?:\\.${LABEL})*$`);
const MOST_LENGTH = 253;

/**
 * `chat.example`, `*.chat.example`, `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; capitals become small,
 * names with other letters their ASCII form (`xn--…`). Undefined when it is none of these.
 */
export function parseSubjectName(text: string): SubjectName | undefined {
  const address = text.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 && !address.includes("%")) {
    return { kind: "ip", text: address, bytes: addressBytes(address) };
  }
  const name = asciiName(text);
  if (name === undefined || name.length > MOST_LENGTH || !DNS_NAME.test(name)) return undefined;
  // 1.2.3 and 999.1.1.1 are mistyped addresses.
  return /(?:^|\.)\d+$/.test(name) ? undefined : { kind: "dns", text: name };
}

function asciiName(text: string): string | undefined {
  // Any other character would begin another part of a URL.
  if (!/^[\p{L}\p{M}\p{N}.*-]+$/u.test(text)) return undefined;
  if (/^[\x21-\x7e]+$/.test(text)) return text.toLowerCase();
  try {
    return new URL(`ws://${text}`).hostname;
  } catch {
    return undefined;
  }
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  // The URL parser writes every form of an IPv6 address in one: hexadecimal groups.
  const { hostname } = new URL(`ws://[${address}]`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const groupsOf = (part: string) => part === "" ? [] : part.split(":").map((g) => parseInt(g, 16));
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Uint8Array.from(
    [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]),
  );
}
