import type { Letter } from '../letters.ts';
import { displayName, isActivated, type PortalUser, STATUS } from '../person.ts';
import type { World } from '../world.ts';
import { Layout } from './layout.tsx';

const MOST_SHOWN = 200;
const REFRESH_SECONDS = 2;

/** Who is in the portal and what letters it sent, newest first. */
export function PeoplePage({ world }: { readonly world: World }) {
  const view = world.people.view({
    name: 'people page',
    matches: () => true,
    sortKey: (user) => user.createDate,
  });
  const people = view.page({ start: 0, count: MOST_SHOWN, descending: true });
  const letters = world.letters.slice(-MOST_SHOWN).reverse();
  const welcomes = new Map(world.congratulations.map(({ userId, at }) => [userId, at]));
  return (
    <Layout title="People · simulated portal" refreshSeconds={REFRESH_SECONDS}>
      <h1>People of this portal</h1>
      <p class="soft">{shown(people.length, view.total)} Times are in UTC.</p>
      <ul>
        {people.map((user) => (
          <Person user={user} welcomedAt={welcomes.get(user.id)} />
        ))}
      </ul>
      <h2>Letters the portal sent</h2>
      {letters.length === 0 && <p class="soft">None yet.</p>}
      <ul>
        {letters.map((letter) => (
          <LetterLine letter={letter} />
        ))}
      </ul>
    </Layout>
  );
}

function Person({ user, welcomedAt }: { user: PortalUser; welcomedAt: number | undefined }) {
  return (
    <li>
      <strong>{displayName(user) || 'No name yet'}</strong>
      <span>{user.email}</span>
      <span>
        {user.type} · {stateInWords(user)}
      </span>
      {welcomedAt === undefined ? (
        <span class="soft">no welcome</span>
      ) : (
        <span class="good">welcome sent {timeOfDay(welcomedAt)}</span>
      )}
    </li>
  );
}

function LetterLine({ letter }: { letter: Letter }) {
  return (
    <li>
      <strong>{letter.subject}</strong>
      <span>to {letter.to}</span>
      <span class="soft">{timeOfDay(letter.at)}</span>
      {letter.link !== undefined && <a href={letter.link}>open the link of this letter</a>}
    </li>
  );
}

function stateInWords(user: PortalUser): string {
  if (user.status === STATUS.terminated) return 'disabled';
  if (user.status === STATUS.pending) return 'invited';
  return isActivated(user) ? 'active' : 'registered, e-mail not confirmed';
}

function shown(count: number, total: number): string {
  return count < total ? `The newest ${count} of ${total} people.` : `${total} people.`;
}

function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
