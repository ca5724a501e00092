import { z } from 'zod';
import { invalid, type Outcome } from './outcome.ts';

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
