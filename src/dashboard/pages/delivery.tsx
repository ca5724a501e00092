import type { KeptDelivery } from '../../store/told.ts';
import { Confirm } from '../components/confirm.tsx';
import { AnswerChip } from '../components/delivery-rows.tsx';
import { Layout } from '../components/layout.tsx';
import { LogText } from '../components/log-text.tsx';
import { Moment } from '../components/moment.tsx';
import type { View } from '../view.ts';

/** One delivery with its body as it came; bytes that are no UTF-8 show as �. */
export function DeliveryPage(props: { readonly view: View; readonly delivery: KeptDelivery }) {
  const { view, delivery } = props;
  const { delivery: say, health, actions } = view.say;
  const body = Buffer.from(delivery.body).toString('utf8');
  return (
    <Layout view={view} title={say.title(String(delivery.id))} place="health">
      <section class="card">
        <dl class="facts">
          <dt>{health.answer}</dt>
          <dd>
            <AnswerChip view={view} delivery={delivery} />
          </dd>
          <dt>{health.received}</dt>
          <dd>
            <Moment view={view} at={delivery.receivedAt} />{' '}
            {delivery.repeats > 0 && (
              <span class="soft">{health.repeats(view.formats.number(delivery.repeats))}</span>
            )}
          </dd>
          {delivery.reason !== null && (
            <>
              <dt>{say.reason}</dt>
              <dd>
                <LogText text={delivery.reason} />
              </dd>
            </>
          )}
          {delivery.trigger !== null && (
            <>
              <dt>{health.trigger}</dt>
              <dd>
                <LogText text={delivery.trigger} />
              </dd>
              <dt>{say.shows}</dt>
              <dd>
                <LogText text={delivery.shows} />
              </dd>
              <dt>{health.about}</dt>
              <dd class="code">
                <a href={`/people/${delivery.userId}`}>{delivery.userId}</a>
              </dd>
              <dt>{say.created}</dt>
              <dd>
                <Moment view={view} at={delivery.createdOn} />
              </dd>
              <dt>{say.event}</dt>
              <dd class="code">{delivery.eventId}</dd>
              <dt>{say.webhook}</dt>
              <dd class="code">{delivery.webhookId}</dd>
            </>
          )}
        </dl>
      </section>
      <section class="card">
        <Confirm
          id="replay"
          action={`/health/deliveries/${delivery.id}/replay`}
          label={actions.replay}
          says={actions.replaySays}
          yes={actions.replay}
        />
      </section>
      <section class="card">
        <h2>{say.body}</h2>
        {body === '' ? <p class="soft">{say.forgotten}</p> : <pre class="body">{body}</pre>}
      </section>
    </Layout>
  );
}
