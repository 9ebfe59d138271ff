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

/** @throws {ConfigError} for a name or value that is none; the message lists what is allowed */
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
  return limits;
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
