import type { ApiKey } from '../accounts.ts';

type Rule = { readonly path: string; readonly reads: readonly string[]; readonly writes: string[] };

// Tried in declaration order (wire 1.3). Files, rooms and groups have no endpoint here.
const RULES: readonly Rule[] = [
  {
    path: '/people/@self',
    reads: ['accounts.self:read', 'accounts.self:write'],
    writes: ['accounts.self:write'],
  },
  { path: '/people', reads: ['accounts:read', 'accounts:write'], writes: ['accounts:write'] },
];

/**
 * Whether `key` may make this call: any ONE of the needed scopes is enough (wire 1.3).
 * `path` is the path below /api/2.0.
 */
export function hasScope(input: { key: ApiKey; method: string; path: string }): boolean {
  const { key, method, path } = input;
  const reading = method === 'GET';
  const rule = RULES.find((one) => path.startsWith(one.path));
  const local = (reading ? rule?.reads : rule?.writes) ?? [];
  const needed = reading ? ['*:read', '*:write', ...local] : ['*:write', ...local];
  return scopesOf(key).some((scope) => needed.includes(scope));
}

/** An empty list or `*` means full access and becomes the one claim `*:write` (wire 1.3). */
export function scopesOf(key: ApiKey): readonly string[] {
  const full = key.permissions.length === 0 || key.permissions.includes('*');
  return full ? ['*:write'] : key.permissions;
}
