/*
 * Helpers for lists of codes with parameters. They derive the union type of a list, and its codes for
 * schemas and filters.
 */

/** Declares the parameters of a code. Only the type of this function is used. */
export function takes<P>(parameters: P): P {
  return parameters;
}
export const none = takes<Record<never, never>>;

type List = Readonly<Record<string, (parameters: never) => unknown>>;

/** The union type of all entries of a list. `K` is the name of the field with the code. */
export type UnionIn<K extends string, L extends List> = {
  [C in keyof L]: Readonly<Record<K, C> & ReturnType<L[C]>>;
}[keyof L];

export function codesOf<C extends string>(
  list: Readonly<Record<C, unknown>>,
): readonly [C, ...C[]] {
  // The type of Object.keys does not keep the names of the keys, and no list is empty.
  return Object.keys(list) as [C, ...C[]];
}
