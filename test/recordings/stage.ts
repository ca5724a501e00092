import { type Portal, type PortalOptions, startPortal } from '../../simulator/portal.ts';

/** Ids of the recorded portal, by the names that the people have here. */
export const recordedIds = {
  owner: '66faa6e4-f133-11ea-b126-00ffeec8b4ef',
  admin: 'f6a9ffc5-e69a-465a-92b2-f9e4b19011e3',
  room: 'f6ff1e10-b66e-46a8-bf02-03be417a643c',
  active: '3db362a0-e504-4948-b660-4bc15000a9bb',
  waiting: '9d446bbc-55e4-41c0-95ff-5124050ebc17',
  pending: '279092f6-b808-487a-b3f0-3774d1ec2797',
  disabled: 'bdfde774-0066-4f04-8265-5608ee3fdfd5',
  terminated: 'cd6fad98-bf10-486c-a981-685919a10830',
  joined: 'acdcb0f3-d604-4f1b-b5ab-8291247185e0',
  deleted: '39d07ea0-c3fc-498a-a8bf-f93c16875661',
  domain: '8303739f-ffd2-41a1-85c6-887a2be28ad9',
  guest: 'c81649c3-0eec-4c84-b7a7-b505c54fe414',
  pendingAdmin: '5918aa43-ac18-4d2a-a878-62b829fd59c1',
  taipei: '1638ede6-142e-480b-b1d6-7c93726c89e8',
  someone: '9c7e8237-8483-4e0b-b56c-1ca14908d376',
} as const;

export type Stage = {
  readonly portal: Portal;
  /** Ids of the people who are there. */
  readonly ids: Readonly<Record<string, string>>;
  /** The Authorization header for each placeholder of the recordings. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly call: (
    as: 'owner' | 'admin',
    method: string,
    path: string,
    body?: object,
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  ) => Promise<any>;
  /** Somebody who comes by an open link of the admin. */
  readonly join: (
    email: string,
    firstName: string,
    lastName: string,
    type?: string,
    by?: 'owner' | 'admin',
  ) => Promise<string>;
  readonly invite: (email: string, type?: string, by?: 'owner' | 'admin') => Promise<string>;
};

/** The recorded portal, with its accounts and those of its people whom a recording needs. */
export async function openStage(
  needs: readonly string[],
  options: PortalOptions = {},
): Promise<Stage> {
  const portal = await startPortal({
    ownerEmail: 'owner@acme.example',
    queuePauseMs: 1,
    retryDelaysMs: [1, 1, 1, 1, 1],
    // The recorded portal could reach a receiver on its own machine.
    blacklist: ['10.0.0.0/8'],
    ...options,
  });
  const { control } = portal;
  const ids: Record<string, string> = { owner: portal.accountId };
  const keys = { owner: portal.apiKey, admin: '' };
  const call: Stage['call'] = async (as, method, path, body) => {
    const answer = await fetch(`${portal.url}/api/2.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${keys[as]}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text).response;
  };
  const join: Stage['join'] = async (email, firstName, lastName, type = 'User', by = 'admin') => {
    const link = await call(by, 'GET', `portal/users/invite/${type}`);
    return control.register({ link, email, firstName, lastName });
  };
  const account = async (email: string, firstName: string, lastName: string, type: string) => {
    const userId = await join(email, firstName, lastName, type, 'owner');
    control.confirmEmail(userId);
    return userId;
  };
  const invite: Stage['invite'] = async (email, type = 'User', by = 'admin') => {
    await call(by, 'POST', 'people/invite', { invitations: [{ email, type }] });
    return control.userByEmail(email)?.id ?? '';
  };

  const admin = await account('admin@acme.example', 'Dora', 'Admin', 'DocSpaceAdmin');
  keys.admin = control.addKey(admin, { name: 'docspace-welcome' });
  ids['admin'] = admin;
  const room = await account('room@acme.example', 'Rolf', 'Room', 'RoomAdmin');
  control.editProfile(room, { comment: 'v' });
  ids['room'] = room;
  const user = await account('user@acme.example', 'Uwe', 'User', 'User');
  const readWrite = { name: 'admin-rw', permissions: ['*:read', '*:write'] };
  const credentials: Record<string, string> = {
    'Bearer <key of the owner>': `Bearer ${portal.apiKey}`,
    'Bearer <key of a DocSpace admin>': `Bearer ${keys.admin}`,
    '<key of a DocSpace admin>': keys.admin,
    '<session token of a DocSpace admin>': control.sessionToken(admin),
    'Bearer <key of a room admin>': `Bearer ${control.addKey(room)}`,
    'Bearer <key of a user>': `Bearer ${control.addKey(user)}`,
    'Bearer <key with *:read only>': `Bearer ${control.addKey(admin, { permissions: ['*:read'] })}`,
    'Bearer <key with *:read and *:write>': `Bearer ${control.addKey(admin, readWrite)}`,
    'Bearer <key with accounts:write only>': `Bearer ${control.addKey(admin, { permissions: ['accounts:write'] })}`,
    'Bearer <expired key of a DocSpace admin>': `Bearer ${control.addKey(admin, { expiresAt: 1 })}`,
  };
  const stage: Stage = { portal, ids, credentials, call, join, invite };
  for (const name of needs) {
    if (ids[name] !== undefined) continue;
    const add = people[name];
    if (add === undefined) throw new Error(`Nobody is called ${name}.`);
    ids[name] = await add(stage);
  }
  return stage;
}

/** How each of the recorded people came. */
const people: Readonly<Record<string, (stage: Stage) => Promise<string>>> = {
  async active({ portal, join }) {
    const id = await join('active@example.com', 'Alice', 'Active');
    portal.control.confirmEmail(id);
    return id;
  },
  waiting: ({ join }) => join('waiting@example.com', 'Wanda', 'Waiting'),
  pending: ({ invite }) => invite('pending@example.com'),
  async disabled({ portal, join }) {
    const id = await join('disabled@example.com', 'Dirk', 'Disabled');
    portal.control.disable(id);
    return id;
  },
  async terminated({ portal, join }) {
    const id = await join('terminated@example.com', 'Tina', 'Terminated');
    portal.control.disable(id, { withDate: true });
    return id;
  },
  async joined({ portal, invite }) {
    const email = 'joined@example.com';
    await invite(email, 'RoomAdmin');
    const letter = portal.control.letters().findLast(({ to }) => to === email);
    const form = { email, firstName: 'Siân', lastName: "O'Neil" };
    return portal.control.register({ link: letter?.link ?? '', ...form });
  },
  async deleted({ portal, join }) {
    const id = await join('deleted@example.com', 'De', 'Leted');
    portal.control.disable(id);
    portal.control.deleteUser(id);
    return id;
  },
  async domain({ portal }) {
    const person = { email: 'domain@example.com', firstName: 'Dora', lastName: 'Domain' };
    return portal.control.addUser({ ...person, how: 'trustedDomain' });
  },
  async guest({ portal, join }) {
    const id = await join('guest@acme.example', 'Gus', 'Guest', 'Guest', 'owner');
    portal.control.confirmEmail(id);
    portal.control.editProfile(id, { comment: 'v' });
    return id;
  },
  pendingAdmin: ({ invite }) => invite('pending.admin@example.com', 'DocSpaceAdmin', 'owner'),
  taipei: ({ join }) => join('taipei@example.com', 'Tai', 'Pei', 'User', 'owner'),
  someone: ({ invite }) => invite('someone@example.com'),
};
