// The file of the desk (--desk): sections `[alarms]`, `[alarms QUEUE]` and `[text NAME]`. Knows neither how it
// is read nor who uses it.

import type { AlarmTimes, DeskSettings } from "../../chat/desk/desk_settings.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { isRoomName } from "../../wire/room_ref.ts";
import { checkText } from "../../wire/text.ts";
import { ChatError } from "../../wire/errors.ts";
import { ConfigError } from "../config_error.ts";
import { findPeriodMs } from "../people/duration.ts";

const SECTION = /^\[(\S+)(?:\s+(\S+))?\]\s*$/;
const COMMENT = /^\s*(?:#.*)?$/;
const ALARM = /^\s*(unseen|unanswered)\s+(\S+)\s*$/;
/** As many as fit in a list of one frame. */
const MOST_TEXTS = 500;

/** A part of the file: its head, and the number of the line of that, from 1. */
interface Section {
  readonly kind: "alarms" | "text";
  readonly name: string | undefined;
  readonly line: number;
  readonly body: string[];
}

/** @param path how errors name it. @throws {ConfigError} naming the line and what is allowed there */
export function parseDeskFile(text: string, path: string): DeskSettings {
  const fail = (line: number, message: string): never => {
    throw new ConfigError("config", `${path}, line ${line}: ${message}`);
  };
  const alarms = new Map<string | undefined, AlarmTimes>();
  const texts = new Map<string, string>();
  for (const section of sectionsOf(text.replace(/^\uFEFF/, ""), fail)) {
    const { kind, name, line } = section;
    const known: ReadonlyMap<string | undefined, unknown> = kind === "alarms" ? alarms : texts;
    if (known.has(name)) fail(line, `there is a section of this name already`);
    if (kind === "alarms") alarms.set(name, parseAlarms(section, fail));
    else texts.set(name ?? "", parseText(section, fail));
    if (texts.size > MOST_TEXTS) fail(line, `there are more than ${MOST_TEXTS} texts`);
  }
  const { [0]: general = {} } = [alarms.get(undefined)];
  alarms.delete(undefined);
  return { alarms: general, queueAlarms: alarms as ReadonlyMap<string, AlarmTimes>, texts };
}

type Fail = (line: number, message: string) => never;

const TAKES = "a section begins with [alarms], [alarms QUEUE] or [text NAME]";

function sectionsOf(text: string, fail: Fail): readonly Section[] {
  const sections: Section[] = [];
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    const [, kind, name] = SECTION.exec(row) ?? [];
    if (kind === undefined) {
      const section = sections.at(-1);
      if (section === undefined && !COMMENT.test(row)) fail(index + 1, TAKES);
      section?.body.push(row);
      continue;
    }
    if (name !== undefined && !isRoomName(name)) {
      fail(index + 1, `"${name}" is no name: letters, digits, - and _, a letter first`);
    }
    if (kind === "alarms" || (kind === "text" && name !== undefined)) {
      sections.push({ kind, name, line: index + 1, body: [] });
    } else fail(index + 1, TAKES);
  }
  return sections;
}

function parseAlarms({ body, line }: Section, fail: Fail): AlarmTimes {
  let times: AlarmTimes = {};
  for (const [index, row] of body.entries()) {
    if (COMMENT.test(row)) continue;
    const [, what = "", after = ""] = ALARM.exec(row) ?? [];
    const ms = findPeriodMs(after);
    if (ms === undefined) {
      fail(line + 1 + index, "an alarm is `unseen 10m` or `unanswered 2h`: a time of 1s to 3650d");
    }
    times = { ...times, [what]: ms };
  }
  return times;
}

function parseText({ name, body, line }: Section, fail: Fail): string {
  const text = body.join("\n").trim();
  try {
    checkText(text, DEFAULT_LIMITS);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    fail(line, `the text "${name}" cannot be sent: ${error.message}`);
  }
  return text;
}
