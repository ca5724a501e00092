import type { Context } from 'hono';
import { ErrorPage } from './pages/error.tsx';
import type { View } from './view.ts';

export function notFoundPage(
  c: Context,
  view: Pick<View, 'say' | 'language' | 'portalHost'>,
): Response | Promise<Response> {
  const { notFound, notFoundHint } = view.say.common;
  c.status(404);
  return c.html(<ErrorPage view={view} title={notFound} hint={notFoundHint} />);
}
