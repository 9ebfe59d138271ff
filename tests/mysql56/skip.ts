// Loaded before the tests: those that are skipped on MySQL 5.6 are ignored, and counted as such.

import { SKIPPED } from "./skipped.ts";

const BEGINNINGS = SKIPPED.flatMap(({ tests }) => tests);
const register = Deno.test;

function isSkipped(name: unknown): boolean {
  return typeof name === "string" && BEGINNINGS.some((beginning) => name.startsWith(beginning));
}

/** Of all the forms in which tests are registered, these are ours: by a name, or by a definition. */
function registerUnlessSkipped(first: string | Deno.TestDefinition, ...rest: unknown[]): void {
  const name = typeof first === "string" ? first : first.name;
  const call = isSkipped(name) ? register.ignore : register;
  Reflect.apply(call, register, [first, ...rest]);
}

Object.defineProperty(Deno, "test", {
  configurable: true,
  value: Object.assign(registerUnlessSkipped, register),
});
