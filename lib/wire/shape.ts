// Checks that a parsed value has a type, item by item and field by field. Each check is a type guard, so
// the compiler sees that a shape covers its type.

import { type Fields, isFields } from "./json.ts";

/** Whether a value is a T. */
export type Check<T> = (value: unknown) => value is T;

/** A check for every field of F: the compiler reports those that are missing. */
export type Shape<F> = { readonly [K in keyof F]-?: Check<F[K]> };

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** A seq, an id, a number of things, a time: a safe integer that is not negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isTrue(value: unknown): value is true {
  return value === true;
}

export function isNull(value: unknown): value is null {
  return value === null;
}

/** An object of numbers. */
export function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  return isFields(value) && Object.values(value).every(Number.isFinite);
}

export function oneOf<const T extends string | boolean>(...values: readonly T[]): Check<T> {
  const known: ReadonlySet<unknown> = new Set(values);
  return (value): value is T => known.has(value);
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
}

export function anyOf<T>(...checks: readonly Check<T>[]): Check<T> {
  return (value): value is T => checks.some((check) => check(value));
}

export function shaped<F extends object>(shape: Shape<F>): Check<F> {
  const find = wrongFieldFinder(shape);
  return (value): value is F => isFields(value) && find(value) === undefined;
}

/** The value of a JSON text; undefined when it is no JSON or does not have the type. */
export function parseChecked<T>(text: string, check: Check<T>): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A function that returns the first field that does not fit the shape; undefined when all fit. */
export function wrongFieldFinder<F extends object>(
  shape: Shape<F>,
): (value: Fields) => string | undefined {
  const checks = Object.entries<Check<unknown>>(shape);
  return (value) => {
    for (const [field, check] of checks) {
      if (!check(value[field])) return field;
    }
    return undefined;
  };
}

/** The shapes of several frames, by type. */
export type ShapesOf<T extends object> = { readonly [K in keyof T]: Shape<T[K]> };
