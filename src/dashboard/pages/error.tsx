import type { Context } from 'hono';
import { Document } from '../components/layout.tsx';
import type { Visitor } from '../viewer.ts';

/** The page that says what went wrong and what to do. */
export function ErrorPage(props: {
  readonly viewer: Visitor;
  readonly title: string;
  readonly hint: string;
}) {
  const { viewer, title, hint } = props;
  return (
    <Document viewer={viewer} title={title}>
      <main class="narrow" id="main">
        <h1>{title}</h1>
        <p>{hint}</p>
        <p>
          <a class="button" href={viewer.url('/')}>
            {viewer.t.frame.overview}
          </a>
        </p>
      </main>
    </Document>
  );
}

export function notFoundPage(c: Context, viewer: Visitor): Response | Promise<Response> {
  const { notFound, notFoundHint } = viewer.t.common;
  c.status(404);
  return c.html(<ErrorPage viewer={viewer} title={notFound} hint={notFoundHint} />);
}
