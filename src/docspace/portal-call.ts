/** One call of the portal as it is measured; nothing in it belongs to a person. */
export type PortalCall = {
  readonly method: string;
  /** The path as a pattern, such as `portal/users/{id}`. */
  readonly route: string;
  /** Null: nothing was answered. */
  readonly status: number | null;
  readonly tookMs: number;
};

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^portal\/users\/invite\/[^/]+$/, 'portal/users/invite/{employeeType}'],
  [/^portal\/users\/[^/]+$/, 'portal/users/{id}'],
  [/^people\/(?:email|filter|invite|@self)$/, '$&'],
  [/^people\/[^/]+$/, 'people/{id}'],
];

/**
 * The pattern of a path below `/api/2.0/`: without query, without ids, so that there are few of them.
 * @param path as a request names it, with its query
 */
export function routeOf(path: string): string {
  const [plain = ''] = path.split('?');
  const match = patterns.find(([pattern]) => pattern.test(plain));
  return match ? plain.replace(match[0], match[1]) : plain;
}
