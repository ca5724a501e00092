/*
 * PostgreSQL stores no NUL character and, in JSON, no half of a surrogate pair. A name that contains
 * one must not make its member fail at every commit, so both are taken out.
 */

/** A text as PostgreSQL can store it. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** A value as JSON text that PostgreSQL can store. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? storable(part) : part,
  );
}
