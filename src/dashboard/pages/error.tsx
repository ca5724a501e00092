import { Document } from '../components/layout.tsx';
import type { View } from '../view.ts';

/** What happened and what to do, where a page could not be shown. */
export function ErrorPage(props: {
  readonly view: Pick<View, 'say' | 'language' | 'portalHost'>;
  readonly title: string;
  readonly hint: string;
}) {
  const { view, title, hint } = props;
  return (
    <Document language={view.language} title={`${title} · ${view.portalHost}`}>
      <main class="narrow" id="main">
        <h1>{title}</h1>
        <p>{hint}</p>
        <p>
          <a class="button" href="/">
            {view.say.frame.overview}
          </a>
        </p>
      </main>
    </Document>
  );
}
