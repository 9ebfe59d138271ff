// `--limit name=value`, several times, on top of the defaults; `all=off` for benchmarks.

import {
  DEFAULT_LIMITS,
  describeLimit,
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  LIMITS_OFF,
} from "../wire/limits.ts";
import { ConfigError } from "./config_error.ts";

/** The bytes around a text in the largest frame that carries it. */
const AROUND_A_TEXT = 1_024;
/** The longest `hello` that a client may have to send. */
const HELLO_BYTES = 1_024;
/** The longest time that a timer of the runtime can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A pair of limits: the first must not be above the second. Also what breaks otherwise. */
interface Bound {
  readonly low: readonly [what: string, value: number];
  readonly high: readonly [what: string, value: number];
  readonly because: string;
}

/**
 * @throws {ConfigError} `usage` for a wrong name or value, `config` for limits that do not fit together;
 * the message says what is allowed
 */
export function parseLimits(settings: readonly string[]): Limits {
  let limits: Limits = DEFAULT_LIMITS;
  for (const setting of settings) {
    const [name = "", value = ""] = setting.split("=", 2);
    if (name === "all") {
      if (value !== "off") throw new ConfigError("usage", `--limit all takes only "off"`);
      limits = LIMITS_OFF;
    } else if (isLimitName(name)) {
      limits = { ...limits, [name]: parseValue(name, value) };
    } else {
      const known = LIMIT_NAMES.join(", ");
      throw new ConfigError("usage", `--limit knows no ${JSON.stringify(name)}; it knows ${known}`);
    }
  }
  checkBounds(limits);
  return limits;
}

/** What the store keeps of a topic. */
const LONGEST_TOPIC = 1_024;

/** What the protocol promises whatever the limits are: above all, no frame of more than 64 KiB. */
function boundsOf(limits: Limits): readonly Bound[] {
  const of = (name: LimitName, more = 0): readonly [string, number] => [
    more === 0 ? name : `${name} + ${more}`,
    limits[name] + more,
  ];
  const fixed = (value: number): readonly [string, number] => [String(value), value];
  return [
    {
      low: of("content_encoded"),
      high: fixed(DEFAULT_LIMITS.content_encoded),
      because: "the event of a longer text would not fit in a frame of 65536 bytes",
    },
    {
      low: of("content", 2),
      high: of("content_encoded"),
      because: "a text takes at least its own bytes and two quotes as JSON",
    },
    {
      low: of("topic"),
      high: fixed(LONGEST_TOPIC),
      because: "the store keeps no longer topic",
    },
    {
      low: of("content_encoded", AROUND_A_TEXT),
      high: of("frame"),
      because: "a text that is allowed must fit in a frame",
    },
    {
      low: of("frame_before_auth"),
      high: of("frame"),
      because: "a login must not make the frames smaller",
    },
    {
      low: fixed(HELLO_BYTES),
      high: of("frame_before_auth"),
      because: "a hello must fit in",
    },
    {
      low: fixed(DEFAULT_LIMITS.frame),
      high: of("queue_bytes"),
      because: "a frame of the server must fit in the queue of a connection",
    },
    {
      low: of("queue_bytes"),
      high: of("queue_total"),
      because: "one connection may have so many bytes waiting",
    },
    {
      low: of("content"),
      high: of("pending_bytes"),
      because: "a longer text could never be stored",
    },
    {
      low: of("drain_ms"),
      high: fixed(LONGEST_TIMER_MS),
      because: "no timer can wait longer",
    },
  ];
}

/** @throws {ConfigError} for the first pair that does not go together */
function checkBounds(limits: Limits): void {
  for (const { low: [low, least], high: [high, most], because } of boundsOf(limits)) {
    if (least <= most) continue;
    const values = [[low, least], [high, most]].filter(([what, value]) => what !== String(value));
    throw new ConfigError(
      "config",
      `--limit: ${low} must not be above ${high}: ${because} ` +
        `(now ${values.map(([what, value]) => `${what} = ${value}`).join(", ")})`,
    );
  }
}

/** Every limit with its default, a line each, for `--help`. */
export function formatLimits(): string {
  return LIMIT_NAMES.map((name) =>
    `  ${name.padEnd(22)} ${String(DEFAULT_LIMITS[name]).padStart(9)}  ${describeLimit(name)}`
  ).join("\n");
}

function isLimitName(name: string): name is LimitName {
  return (LIMIT_NAMES as readonly string[]).includes(name);
}

function parseValue(name: LimitName, text: string): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= 1) return value;
  throw new ConfigError(
    "usage",
    `--limit ${name}=${JSON.stringify(text)} must be a whole number from 1 on: ${
      describeLimit(name)
    }`,
  );
}
