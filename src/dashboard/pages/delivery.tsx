import type { KeptDelivery } from '../../store/store.ts';
import { AnswerChip } from '../components/delivery-rows.tsx';
import { Confirm } from '../components/forms.tsx';
import { Layout } from '../components/layout.tsx';
import { Moment } from '../components/moment.tsx';
import { ReasonText } from '../components/reason.tsx';
import type { Viewer } from '../viewer.ts';

/** One delivery with its body as received. Bytes that are not UTF-8 are shown as �. */
export function DeliveryPage(props: { readonly viewer: Viewer; readonly delivery: KeptDelivery }) {
  const { viewer, delivery } = props;
  const { delivery: t, health } = viewer.t;
  const body = Buffer.from(delivery.body).toString('utf8');
  return (
    <Layout viewer={viewer} title={t.title(String(delivery.id))} place="health">
      <section class="card">
        <dl class="facts">
          <dt>{health.answer}</dt>
          <dd>
            <AnswerChip viewer={viewer} delivery={delivery} />
          </dd>
          <dt>{health.received}</dt>
          <dd>
            <Moment viewer={viewer} at={delivery.receivedAt} />{' '}
            {delivery.repeats > 0 && (
              <span class="soft">{health.repeats(viewer.formats.number(delivery.repeats))}</span>
            )}
          </dd>
          {delivery.reason !== null && (
            <>
              <dt>{t.reason}</dt>
              <dd>
                <ReasonText viewer={viewer} reason={delivery.reason} />
              </dd>
            </>
          )}
          {delivery.trigger !== null && (
            <>
              <dt>{health.trigger}</dt>
              <dd class="code">{delivery.trigger}</dd>
              {delivery.shows !== null && (
                <>
                  <dt>{t.shows}</dt>
                  <dd>{viewer.t.words.shows[delivery.shows]}</dd>
                </>
              )}
              <dt>{health.about}</dt>
              <dd class="code">
                <a href={viewer.url(`/people/${delivery.userId}`)}>{delivery.userId}</a>
              </dd>
              <dt>{t.created}</dt>
              <dd>
                <Moment viewer={viewer} at={delivery.createdOn} />
              </dd>
              <dt>{t.event}</dt>
              <dd class="code">{delivery.eventId}</dd>
              <dt>{t.webhook}</dt>
              <dd class="code">{delivery.webhookId}</dd>
            </>
          )}
        </dl>
      </section>
      {viewer.mayChange && (
        <section class="card">
          <Confirm
            viewer={viewer}
            id="replay"
            action={`/health/deliveries/${delivery.id}/replay`}
            does="replay"
          />
        </section>
      )}
      <section class="card">
        <h2>{t.body}</h2>
        {body === '' ? <p class="soft">{t.forgotten}</p> : <pre class="body">{body}</pre>}
      </section>
    </Layout>
  );
}
