import { fits } from './access.ts';
import type { Endpoint } from './endpoint.ts';

export type Match =
  | {
      readonly kind: 'found';
      readonly endpoint: Endpoint;
      readonly params: Readonly<Record<string, string>>;
    }
  /** The path exists, but not with this method. */
  | { readonly kind: 'otherMethods'; readonly allow: string }
  | { readonly kind: 'unknown' };

const UNKNOWN: Match = { kind: 'unknown' };

/**
 * Finds the action for a path below /api/2.0. Case and a slash at the end do not matter. A path with an
 * empty part matches nothing. The first endpoint that matches is used, so `endpoints` must have fixed
 * names before parameters.
 */
export function createRouter(endpoints: readonly Endpoint[]) {
  const parsed = endpoints.map((endpoint) => ({
    endpoint,
    parts: endpoint.path.slice(1).split('/'),
  }));
  return (method: string, path: string): Match => {
    const parts = path.replace(/\/$/, '').slice(1).split('/');
    const fitting = parsed.flatMap(({ endpoint, parts: pattern }) => {
      const params = paramsOf(pattern, parts);
      return params !== undefined && constraintsHold(endpoint, params) ? { endpoint, params } : [];
    });
    const found = fitting.find(({ endpoint }) => endpoint.method === method);
    if (found !== undefined) return { kind: 'found', ...found };
    if (fitting.length === 0) return UNKNOWN;
    const methods = fitting.map(({ endpoint }) => endpoint.method);
    return { kind: 'otherMethods', allow: [...new Set(methods)].sort().join(', ') };
  };
}

function paramsOf(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':') && part !== '') params[expected.slice(1)] = decode(part);
    else if (part.toLowerCase() !== expected.toLowerCase()) return undefined;
  }
  return params;
}

function constraintsHold(endpoint: Endpoint, params: Readonly<Record<string, string>>): boolean {
  return Object.entries(endpoint.constraints ?? {}).every(([name, constraint]) =>
    fits(params[name] ?? '', constraint),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
