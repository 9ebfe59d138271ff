import { assertEquals } from "@std/assert";
import { parseMoment } from "../../../lib/client/history/moment.ts";
import { formatClock, formatDay } from "../../../lib/terminal/layout.ts";

/** A Saturday. */
const NOW = new Date(2026, 10, 28, 15, 30).getTime();

Deno.test("moments: times, days, both, and how long ago", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["14:00", "2026-11-28 14:00"],
    ["15:30", "2026-11-28 15:30"],
    ["16:00", "2026-11-27 16:00"],
    ["yesterday 14:00", "2026-11-27 14:00"],
    ["Yesterday", "2026-11-27 00:00"],
    ["today 9:05", "2026-11-28 09:05"],
    ["monday", "2026-11-23 00:00"],
    ["fri 18:00", "2026-11-27 18:00"],
    ["saturday 14:00", "2026-11-28 14:00"],
    ["saturday 16:00", "2026-11-21 16:00"],
    ["2026-11-01", "2026-11-01 00:00"],
    ["2026-11-01 14:00", "2026-11-01 14:00"],
    ["30m", "2026-11-28 15:00"],
    ["2h", "2026-11-28 13:30"],
    ["3 d", "2026-11-25 15:30"],
    ["", undefined],
    ["24:00", undefined],
    ["12:60", undefined],
    ["2026-02-30", undefined],
    ["2026-13-01", undefined],
    ["su", undefined],
    ["tomorrow", undefined],
    ["999999d", undefined],
    ["14:00 yesterday", undefined],
  ];
  for (const [text, expected] of cases) {
    const time = parseMoment(text, NOW);
    const found = time === undefined ? undefined : `${formatDay(time)} ${formatClock(time)}`;
    assertEquals(found, expected, text);
  }
});
