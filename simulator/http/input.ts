import { z } from 'zod';
import { readGuid } from '../ids.ts';
import { invalid, type Outcome } from './outcome.ts';

/** Query values by name; names are matched without case, `name[]` is `name` (wire 2.1). */
export type Query = {
  one(name: string): string | undefined;
  many(name: string): readonly string[];
};
export type QueryReader = ReturnType<typeof createQueryReader>;

export function createQuery(params: URLSearchParams): Query {
  const values = new Map<string, string[]>();
  for (const [name, value] of params) {
    const key = name.toLowerCase().replace(/\[\]$/, '');
    const list = values.get(key);
    if (list === undefined) values.set(key, [value]);
    else list.push(value);
  }
  return {
    one: (name) => values.get(name.toLowerCase())?.[0],
    many: (name) => values.get(name.toLowerCase()) ?? [],
  };
}

/** Reads typed values and collects what does not fit in `errors` (wire 2.2, validation form). */
export function createQueryReader(query: Query) {
  const errors: Record<string, string[]> = {};
  const fail = (name: string, text: string) => {
    errors[name] = [`The value '${text}' is not valid.`];
  };
  const text = (name: string): string | undefined => query.one(name) || undefined;

  const integer = (name: string): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    if (/^[+-]?\d{1,15}$/.test(given)) return Number(given);
    fail(name, given);
    return undefined;
  };

  return {
    errors,
    text,
    integer,
    /** 1..100, default 100 (wire 7.6, 9.1). */
    pageLength(): number {
      const count = integer('count') ?? 100;
      if (count < 1 || count > 100) {
        errors.count = ['The field Count must be between 1 and 100.'];
      }
      return count;
    },
    flag(name: string): boolean | undefined {
      const given = text(name)?.toLowerCase();
      if (given === undefined || given === 'true' || given === 'false') {
        return given === undefined ? undefined : given === 'true';
      }
      fail(name, given);
      return undefined;
    },
    guid(name: string): string | undefined {
      const given = text(name);
      if (given === undefined) return undefined;
      const guid = readGuid(given);
      if (guid === undefined) fail(name, given);
      return guid;
    },
    /** An enum as a number or as a name in any case (wire 2.1). */
    enumeration(name: string, names: Readonly<Record<string, number>>): number | undefined {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = readEnum(given, names);
      if (value === undefined) fail(name, given);
      return value;
    },
    enumerations(name: string, names: Readonly<Record<string, number>>): readonly number[] {
      return query.many(name).flatMap((given) => {
        const value = readEnum(given, names);
        if (value === undefined) fail(name, given);
        return value === undefined ? [] : [value];
      });
    },
  };
}

/** A number, or one of `names` without case; undefined for anything else. */
export function readEnum(
  text: string,
  names: Readonly<Record<string, number>>,
): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const lower = text.toLowerCase();
  return Object.entries(names).find(([name]) => name.toLowerCase() === lower)?.[1];
}

export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

/** Numbers may be strings in request bodies (wire 2.1). */
export const integer = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** Validates a body whose property names are lower-case; faults take the form of wire 2.2. */
export function parseBody<T>(input: { schema: z.ZodType<T>; body: unknown }): Parsed<T> {
  const { schema, body } = input;
  if (body === undefined) {
    return { kind: 'refused', outcome: invalid('', 'A non-empty request body is required.') };
  }
  const result = schema.safeParse(body);
  if (result.success) return { kind: 'parsed', value: result.data };
  const errors: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    const field = issue.path.join('.');
    errors[field] = [...(errors[field] ?? []), issue.message];
  }
  return { kind: 'refused', outcome: { kind: 'invalid', errors } };
}
