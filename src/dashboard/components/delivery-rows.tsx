import type { ListedDelivery } from '../../store/store.ts';
import type { Viewer } from '../viewer.ts';
import { Chip } from './chip.tsx';
import { Moment } from './moment.tsx';
import { ReasonText } from './reason.tsx';

export function DeliveryRows(props: {
  readonly viewer: Viewer;
  readonly deliveries: readonly ListedDelivery[];
}) {
  const { viewer, deliveries } = props;
  const { health } = viewer.t;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{health.received}</th>
          <th scope="col">{health.answer}</th>
          <th scope="col">{health.trigger}</th>
          <th scope="col">{health.about}</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((one) => (
          <tr id={`delivery-${one.id}`}>
            <td class="short">
              <a href={viewer.url(`/health/deliveries/${one.id}`)}>
                <Moment viewer={viewer} at={one.receivedAt} />
              </a>
            </td>
            <td class="short">
              <span>
                <AnswerChip viewer={viewer} delivery={one} />{' '}
                {one.repeats > 0 && (
                  <span class="soft small">
                    {health.repeats(viewer.formats.number(one.repeats))}
                  </span>
                )}
              </span>
            </td>
            <td class="short">
              {one.trigger ?? <ReasonText viewer={viewer} reason={one.reason} />}
            </td>
            <td class="code">
              {one.userId === null ? (
                <span class="soft">–</span>
              ) : (
                <a href={viewer.url(`/people/${one.userId}`)}>{one.userId}</a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function AnswerChip(props: { readonly viewer: Viewer; readonly delivery: ListedDelivery }) {
  const { answer } = props.delivery;
  return (
    <Chip tone={answer === 'accepted' ? 'good' : 'notice'} word={props.viewer.t.health[answer]} />
  );
}
