import { systemClock } from '../../../src/clock.ts';
import { createNewId } from '../../../src/ids.ts';
import { createLog } from '../../../src/log.ts';
import { apiOf, openCore } from '../../../src/service.ts';
import { lockDatabase } from '../../../src/store/database.ts';
import { moveDatabase, openSide } from '../../../src/store/move/move.ts';
import type { Side } from '../../../src/store/move/side.ts';
import type { Database } from '../../../src/store/place.ts';
import type { Store } from '../../../src/store/store.ts';
import { adminToken, configFor, type World } from '../../support/world.ts';
import { now } from '../support.ts';
import { placeAt } from './support.ts';

export const fileAt = (file: string): Database => ({
  kind: 'sqlite',
  name: file,
  file,
  migrates: true,
});

export function postgresAt(url: string, forgetKeyFile: string | null = null): Database {
  const place = placeAt(url);
  return { kind: 'postgres', name: place.shown, place, forgetKeyFile };
}

let count = 0;

/** Opens the store of a database, and closes it after the work. */
export async function inStore<T>(
  database: Database,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  count += 1;
  const locked = await lockDatabase(database, () => `move-${process.pid}-${count}`);
  if (locked.kind !== 'held') throw new Error(JSON.stringify(locked));
  const store = locked.openStore();
  try {
    return await work(store);
  } finally {
    await store.close();
    await locked.lock.release();
  }
}

/** Whether a database may be served, and if not, why. */
export async function mayServe(database: Database): Promise<true | string> {
  count += 1;
  const locked = await lockDatabase(database, () => `move-${process.pid}-${count}`);
  if (locked.kind === 'held') await locked.lock.release();
  return locked.kind === 'refused' ? locked.reason : true;
}

/** A place at which a move is cut off: before or after a function of one of the databases. */
export type Cut = { readonly moment: 'before' | 'after'; readonly verb: keyof Side };

/** Moves, and fails at the place, as if the process had ended there. */
export function cutOff(from: Database, to: Database, { moment, verb }: Cut) {
  const open: typeof openSide = async (database, at) => {
    const opened = await openSide(database, at);
    if (opened.kind === 'busy') return opened;
    const original = opened.side[verb] as (...given: unknown[]) => Promise<unknown>;
    const cut = async (...given: unknown[]) => {
      if (moment === 'after') await original(...given);
      throw new Error('cut off');
    };
    return { kind: 'opened', side: { ...opened.side, [verb]: cut } };
  };
  return moveDatabase({ from, to, now, open });
}

const values = ['portal_origin', 'account_ids', 'webhook', 'events_cursor', 'baseline'] as const;

/** Everything that the API and the store tell about a database that nobody serves. */
export async function readAll(
  { folder, portal }: Pick<World, 'folder' | 'portal'>,
  settings: Readonly<Record<string, string>>,
  person: { readonly userId: string; readonly email: string },
) {
  const config = configFor(folder, portal, settings);
  const log = createLog({ level: 'silent', write: () => {} });
  const newId = createNewId(systemClock.now);
  const opened = await openCore(config, { clock: systemClock, random: Math.random, newId, log });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  const { core } = opened;
  const { store } = core;
  try {
    const headers = { authorization: `Bearer ${adminToken}` };
    const routes = apiOf(core);
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects and fails otherwise
    const get = async (path: string): Promise<any> => {
      const answer = await routes.request(path, { headers });
      return Object.assign({ status: answer.status }, await answer.json());
    };
    const pagesOf = async (path: string) => {
      // Small pages, so that the cursors are compared too.
      const pages = [await get(`${path}?limit=3`)];
      for (let last = pages[0]; last.nextCursor && pages.length < 50; last = pages.at(-1)) {
        pages.push(await get(`${path}?limit=3&cursor=${encodeURIComponent(last.nextCursor)}`));
      }
      return pages;
    };
    const lists = {
      invitations: await pagesOf('/api/invitations'),
      members: await pagesOf('/api/members'),
      deliveries: await pagesOf('/api/deliveries'),
    };
    const userIds = lists.members.flatMap(({ items }) =>
      items.map(({ userId }: { userId: string }) => userId),
    );
    const each = async (
      pages: readonly { items: Record<string, string>[] }[],
      path: string,
      id: string,
    ) => Promise.all(pages.flatMap(({ items }) => items.map((one) => get(`${path}/${one[id]}`))));
    return {
      lists,
      invitations: await each(lists.invitations, '/api/invitations', 'id'),
      members: await each(lists.members, '/api/members', 'userId'),
      previews: await Promise.all(userIds.map((userId) => get(`/api/members/${userId}/preview`))),
      deliveriesAbout: await Promise.all(
        userIds.map((userId) => get(`/api/deliveries?userId=${userId}`)),
      ),
      deliveries: await each(lists.deliveries, '/api/deliveries', 'id'),
      searched: await get('/api/invitations?q=EXAMPLE'),
      tokens: await get('/api/tokens'),
      // `replicas` is about processes.
      stats: Object.assign(await get('/api/stats'), { replicas: null }),
      store: {
        unapplied: await store.unappliedDeliveries(100),
        tokens: await store.tokens(),
        pauses: await store.pauses(),
        restored: await store.restored(),
        outboxEnd: await store.outboxEnd(),
        outbox: await store.nextOutboxEntry(0),
        dueLetterAt: await store.nextLetterAt(0),
        isForgetKeyLost: await store.isForgetKeyLost(),
        isKnown: await store.wasWelcomedAndForgotten(person),
        values: await Promise.all(values.map((key) => store.getValue(key))),
      },
    };
  } finally {
    await core.close();
  }
}
