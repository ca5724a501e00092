import { readGuid } from '../ids.ts';
import { type Moment, readMoment, type Zone } from '../time.ts';
import { invalid, type Outcome } from './outcome.ts';

/** The values of a query by name. Names are not case-sensitive (docs/docspace-wire.md 2.1). */
export type Query = {
  one(name: string): string | undefined;
  many(name: string): readonly string[];
};
export type QueryReader = ReturnType<typeof createQueryReader>;

export function createQuery(params: URLSearchParams): Query {
  const values = new Map<string, string[]>();
  for (const [name, value] of params) {
    const key = name.toLowerCase();
    const list = values.get(key);
    if (list === undefined) values.set(key, [value]);
    else list.push(value);
  }
  return {
    one: (name) => values.get(name.toLowerCase())?.[0],
    many: (name) => values.get(name.toLowerCase()) ?? [],
  };
}

/**
 * An enum. A request contains the number of a value or its name, in upper or lower case. `isFlags`
 * allows sums of the numbers.
 */
export type Enum = { readonly names: Readonly<Record<string, number>>; readonly isFlags?: true };

/**
 * Reads typed values of a query. Invalid values are collected in `errors`, with the messages of the real
 * model binder (docs/docspace-wire.md 2.2). With `required`, an empty value is refused, because the type
 * has no null.
 */
export function createQueryReader(query: Query) {
  const errors: Record<string, string[]> = {};
  const refuse = (name: string, given: string) => {
    const type = name.charAt(0).toUpperCase() + name.slice(1);
    errors[name] = [`The value '${given}' is not valid for ${type}.`];
  };
  const refuseValue = (name: string, given: string) => {
    errors[name] = [`The value '${given}' is invalid.`];
  };
  const text = (name: string): string | undefined => query.one(name) || undefined;

  /**
   * The text of a value, or undefined if the value is absent or blank. With `required`, an empty value
   * is an error.
   */
  const given = (name: string, required: boolean): string | undefined => {
    const value = query.one(name);
    if (value === '' && required) refuseValue(name, value);
    return value?.trim() === '' ? undefined : value;
  };

  const integer = (name: string, options: { required?: boolean } = {}): number | undefined => {
    const value = given(name, options.required === true);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\s*[+-]?\d{1,15}\s*$/.test(value) && Math.abs(number) < 2 ** 31) return number;
    refuse(name, value);
    return undefined;
  };

  return {
    errors,
    text,
    integer,
    /** Reads `count`: a number from 1 to 100, by default 100 (docs/docspace-wire.md 7.6, 9.1). */
    pageLength(): number {
      const count = integer('count', { required: true }) ?? 100;
      if (count < 1 || count > 100) {
        errors['count'] = ['The field Count must be between 1 and 100.'];
      }
      return count;
    },
    flag(name: string): boolean | undefined {
      const value = given(name, false);
      if (value === undefined) return undefined;
      const lower = value.trim().toLowerCase();
      if (lower === 'true' || lower === 'false') return lower === 'true';
      refuse(name, value);
      return undefined;
    },
    guid(name: string, options: { required?: boolean } = {}): string | undefined {
      const value = given(name, options.required === true);
      if (value === undefined) return undefined;
      const guid = readGuid(value);
      if (guid === undefined) refuse(name, value);
      return guid;
    },
    moment(name: string, portal: Zone): Moment | undefined {
      const value = given(name, false);
      const moment = value === undefined ? undefined : readMoment(value, portal);
      if (value !== undefined && moment === undefined) refuse(name, value);
      return moment;
    },
    enumeration(name: string, type: Enum): number | undefined {
      const value = given(name, false);
      if (value === undefined) return undefined;
      const read = readEnum(value, type);
      if (read === 'unknown') refuse(name, value);
      if (read === 'undefined') refuseValue(name, value);
      return typeof read === 'number' ? read : undefined;
    },
    enumerations(name: string, type: Enum): readonly number[] {
      return query.many(name).flatMap((value) => {
        const read = readEnum(value, type);
        if (read === 'unknown') refuse(name, value);
        if (read === 'undefined') refuseValue(name, value);
        return typeof read === 'number' ? [read] : [];
      });
    },
  };
}

/**
 * Returns the number of the value. For an empty text, and for a number that the enum does not define, it
 * returns the string "undefined". For any other text it returns the string "unknown".
 */
export function readEnum(text: string, type: Enum): number | 'undefined' | 'unknown' {
  const { names, isFlags } = type;
  const values = Object.values(names);
  const parts = text.split(',').map((part) => part.trim().toLowerCase());
  let sum = 0;
  for (const part of parts) {
    const number = /^[+-]?\d{1,15}$/.test(part) ? Number(part) : undefined;
    const named = Object.entries(names).find(([name]) => name.toLowerCase() === part)?.[1];
    if (number === undefined && named === undefined) return part === '' ? 'undefined' : 'unknown';
    sum |= number ?? named ?? 0;
    if (number !== undefined && parts.length === 1) {
      const all = values.reduce((bits, value) => bits | value, 0);
      const fits = values.includes(number) || (isFlags && number > 0 && (number & ~all) === 0);
      return fits ? number : 'undefined';
    }
  }
  return sum;
}

/** The body as it was sent. */
export type GivenBody = { readonly text: string; readonly isJson: boolean };

export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

/** One property of a request body, and how the server reads its JSON value. */
export type Field<T> = {
  /** The .NET type in the message about an invalid value. */
  readonly type: string;
  /** @returns undefined if the value is invalid */
  readonly read: (value: unknown) => { readonly value: T } | undefined;
  /**
   * Checks a rule of the model. Returns the error message if the value violates it. `name` is the
   * property's name in the model.
   */
  readonly check?: (value: T, name: string) => string | undefined;
  readonly fallback: T;
  /** True if a missing property is an error of deserialisation. */
  readonly required?: true;
};

type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };
/** Describes the request body of one action. */
export type BodyShape<T> = { readonly type: string; readonly fields: Fields<T> };

const JSON_MESSAGE = (type: string, path: string) =>
  `The JSON value could not be converted to ${type}. Path: ${path} | LineNumber: 0 | BytePositionInLine: 0.`;

export const fields = {
  text(rules: { readonly required?: true; readonly max?: number } = {}): Field<string | undefined> {
    return {
      type: 'System.String',
      fallback: undefined,
      read: (value) => {
        if (value === null) return { value: undefined };
        return typeof value === 'string' ? { value } : undefined;
      },
      check: (value, name) => {
        if (rules.required && (value === undefined || value.trim() === '')) {
          return `The ${name} field is required.`;
        }
        const tooLong = rules.max !== undefined && (value?.length ?? 0) > rules.max;
        return tooLong
          ? `The field ${name} must be a string with a maximum length of ${rules.max}.`
          : undefined;
      },
    };
  },
  flag(): Field<boolean> {
    return {
      type: 'System.Boolean',
      fallback: false,
      read: (value) => (typeof value === 'boolean' ? { value } : undefined),
    };
  },
  /** Numbers in a request body may be strings. */
  integer(): Field<number> {
    return { type: 'System.Int32', fallback: 0, read: readInteger };
  },
  guid(): Field<string> {
    return {
      type: 'System.Guid',
      fallback: '',
      read: (value) => {
        const guid = typeof value === 'string' ? readGuid(value) : undefined;
        return guid === undefined ? undefined : { value: guid };
      },
    };
  },
  list<T>(item: Field<T>): Field<readonly T[] | undefined> {
    return {
      type: 'System.Collections.Generic.List',
      fallback: undefined,
      read: (value) => {
        if (value === null) return { value: undefined };
        if (!Array.isArray(value)) return undefined;
        const items: T[] = [];
        for (const [index, one] of value.entries()) {
          const read = readAt(`[${index}]`, item, one);
          items.push(read.value);
        }
        return { value: items };
      },
    };
  },
};

export function readInteger(value: unknown): { value: number } | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) ? { value: Number(number) } : undefined;
}

export function required<T>(field: Field<T>): Field<T> {
  return { ...field, required: true };
}

/** An invalid value inside a body. Each level adds its part of the path. */
class Misfit extends Error {
  readonly type: string;
  readonly path: string;

  constructor(type: string, path: string) {
    super(`${type} at ${path}`);
    this.type = type;
    this.path = path;
  }
}

/** Reads one value. If it is invalid, `path` is put in front of the path in the error. */
function readAt<T>(path: string, field: Field<T>, value: unknown): { readonly value: T } {
  try {
    const read = field.read(value);
    if (read !== undefined) return read;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Misfit(error.type, path + error.path);
  }
  throw new Misfit(field.type, path);
}

/**
 * Reads a request body. Names are not case-sensitive. The error messages are those of the real server.
 */
export function readBody<T>(body: GivenBody, shape: BodyShape<T>): Parsed<T> {
  const refused = (outcome: Outcome): Parsed<T> => ({ kind: 'refused', outcome });
  if (!body.isJson) return refused({ kind: 'notJson' });
  if (body.text.trim() === '') return refused(invalid('', 'A non-empty request body is required.'));
  let json: unknown;
  try {
    json = JSON.parse(body.text);
  } catch {
    return refused(invalid('$', brokenJson(body.text)));
  }
  if (json === null) return refused(invalid('', 'A non-empty request body is required.'));
  if (!isObject(json)) return refused(invalid('$', JSON_MESSAGE(shape.type, '$')));
  try {
    const value = readObject(json, shape);
    const errors = faultsOf(value, shape.fields);
    return Object.keys(errors).length > 0
      ? refused({ kind: 'invalid', errors })
      : { kind: 'parsed', value };
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const path = `$${error.path}`;
    const isMissing = error.type.startsWith('JSON ');
    return refused(invalid(path, isMissing ? error.type : JSON_MESSAGE(error.type, path)));
  }
}

/**
 * Reads the properties of one object. Throws a Misfit for the first invalid value or for missing
 * properties.
 */
export function readObject<T>(json: object, shape: BodyShape<T>): T {
  const given = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]));
  const entries = Object.entries<Field<unknown>>(shape.fields as Fields<Record<string, unknown>>);
  const values: Record<string, unknown> = {};
  // The server reads properties in the order of the document, and stops at the first invalid value.
  const order = [...given.keys()];
  const sorted = entries.toSorted(
    ([a], [b]) => order.indexOf(a.toLowerCase()) - order.indexOf(b.toLowerCase()),
  );
  for (const [name, field] of sorted) {
    if (!given.has(name.toLowerCase())) {
      values[name] = field.fallback;
      continue;
    }
    values[name] = readAt(`.${name}`, field, given.get(name.toLowerCase())).value;
  }
  const missing = entries.filter(
    ([name, { required }]) => required && !given.has(name.toLowerCase()),
  );
  if (missing.length > 0) {
    const names = missing.map(([name]) => `'${name}'`).join(', ');
    const type = `JSON deserialization for type '${shape.type}' was missing required properties including: ${names}.`;
    throw new Misfit(type, '');
  }
  return values as T;
}

/** The messages about violated rules of the model, by the names of the properties in the model. */
function faultsOf<T>(value: T, all: Fields<T>): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  const entries = Object.entries<Field<unknown>>(all as Fields<Record<string, unknown>>);
  for (const [name, field] of entries) {
    const modelName = name.charAt(0).toUpperCase() + name.slice(1);
    const fault = field.check?.((value as Record<string, unknown>)[name], modelName);
    // An error about a part of the value names the part: `[0].Email The Email field …`.
    const [, part = '', message] = /^(\[\d+\]\.\w+) (.*)$/.exec(fault ?? '') ?? [];
    if (fault !== undefined) errors[modelName + part] = [message ?? fault];
  }
  return errors;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function brokenJson(text: string): string {
  const trailing = /,\s*[}\]]\s*$/.test(text);
  const what = trailing
    ? 'The JSON object contains a trailing comma at the end which is not supported in this mode. Change the reader options.'
    : 'Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.';
  return `${what} Path: $ | LineNumber: 0 | BytePositionInLine: 0.`;
}
