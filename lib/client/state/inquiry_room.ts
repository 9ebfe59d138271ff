// The rooms of inquiries, `?42` for number 42, from either side. Pure.

/** The room of an inquiry. */
export function inquiryRoom(inquiry: number): string {
  return `?${inquiry}`;
}

/** The number of the inquiry whose room it is; undefined when it is another kind of room. */
export function inquiryOf(room: string): number | undefined {
  const digits = /^\?([1-9]\d{0,14})$/.exec(room)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** An inquiry as people write it, `42`, `?42` or `#42`; undefined when it can be none. */
export function parseInquiry(text: string): number | undefined {
  return inquiryOf(`?${text.replace(/^[?#]/, "")}`);
}
