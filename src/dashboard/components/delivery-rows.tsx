import type { ListedDelivery } from '../../store/told.ts';
import type { View } from '../view.ts';
import { Chip } from './chip.tsx';
import { LogText } from './log-text.tsx';
import { Moment } from './moment.tsx';

export function DeliveryRows(props: {
  readonly view: View;
  readonly deliveries: readonly ListedDelivery[];
}) {
  const { view, deliveries } = props;
  const { health } = view.say;
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
              <a href={`/health/deliveries/${one.id}`}>
                <Moment view={view} at={one.receivedAt} />
              </a>
            </td>
            <td class="short">
              <span>
                <AnswerChip view={view} delivery={one} />{' '}
                {one.repeats > 0 && (
                  <span class="soft small">{health.repeats(view.formats.number(one.repeats))}</span>
                )}
              </span>
            </td>
            <td class="short">
              <LogText text={one.trigger ?? one.reason} />
            </td>
            <td class="code">
              {one.userId === null ? (
                <span class="soft">–</span>
              ) : (
                <a href={`/people/${one.userId}`}>{one.userId}</a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function AnswerChip(props: { readonly view: View; readonly delivery: ListedDelivery }) {
  const { answer } = props.delivery;
  return (
    <Chip tone={answer === 'accepted' ? 'good' : 'notice'} word={props.view.say.health[answer]} />
  );
}
