import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { collationKey } from '../../../simulator/people/collation.ts';
import { type Portal, startPortal } from '../../../simulator/portal.ts';
import { makeSignedKey } from '../../../simulator/signed-keys.ts';
import { normalise, type Side } from '../../recordings/normalise.ts';
import type {
  ActEntry,
  Define,
  DeliveriesEntry,
  LettersEntry,
  PagesEntry,
  RealDelivery,
  RequestEntry,
  Run,
} from './format.ts';
import { startReceiver, type TestReceiver } from './receiver.ts';

/** One point in which the simulated portal differs from the recorded one. */
export type Difference = {
  /** The entry, such as `N42`; in run 3 and 6 some entries share an id, so the title is there too. */
  readonly id: string;
  readonly title: string;
  readonly what: 'status' | 'headers' | 'body' | 'act' | 'deliveries' | 'letters' | 'pages';
  readonly real: string;
  readonly simulated: string;
};
type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};
type Replay = {
  readonly run: Run;
  readonly portal: Portal;
  readonly receiver: TestReceiver;
  readonly names: Record<string, string>;
  /** The Authorization header by credential. */
  readonly credentials: Record<string, string>;
  readonly differences: Difference[];
  readonly letters: Set<string>;
};

/** Sends a recorded run to a simulated portal and returns every difference, in order. */
export async function replay(run: Run): Promise<Difference[]> {
  const receiver = await startReceiver();
  const portal = await startPortal({
    queuePauseMs: 1,
    // A retry has the cookie that another receiver sets with its first answer.
    retryDelaysMs: [300, 20, 20, 20, 20],
    // Whether a cookie is there in time depends on the order.
    deliversInOrder: true,
    probeTimeoutMs: 2_000,
    // The recorded portal had another list of addresses, so that it could reach a receiver.
    blacklist: ['192.0.2.0/24'],
  });
  const state: Replay = {
    run,
    portal,
    receiver,
    names: { owner: portal.accountId, hook: `${receiver.origin}/hook` },
    credentials: {
      owner: `Bearer ${portal.control.addKey(portal.accountId, { expiresAt: inNinetyDays() })}`,
    },
    differences: [],
    letters: new Set(),
  };
  state.credentials['ownerToken'] = portal.control.sessionToken(portal.accountId);
  try {
    for (const entry of run.entries) {
      switch (entry.kind) {
        case 'define':
          await define(state, entry);
          break;
        case 'request':
          await sendAndCompare(state, entry);
          break;
        case 'act':
          await act(state, entry);
          break;
        case 'deliveries':
        case 'attempts':
          await compareDeliveries(state, entry);
          break;
        case 'letters':
          compareLetters(state, entry);
          break;
        case 'pages':
          await comparePages(state, entry);
          break;
        default:
          throw new Error(`Nothing replays ${JSON.stringify(entry satisfies never)}.`);
      }
    }
    return state.differences;
  } finally {
    await portal.stop();
    await receiver.stop();
  }
}

async function define(state: Replay, { name, how }: Define): Promise<void> {
  state.names[name] = await defined(state, how);
}

async function defined(state: Replay, how: Define['how']): Promise<string> {
  const { names } = state;
  if (how.text !== undefined) return how.text;
  if (how.receiver === 'its port') return new URL(state.receiver.origin).port;
  if (how.receiver !== undefined) return `${state.receiver.origin}/hook`;
  if (how.apiKeyOf !== undefined) return state.credentials['owner']?.replace('Bearer ', '') ?? '';
  if (how.sessionTokenOf !== undefined) return state.credentials['ownerToken'] ?? '';
  if (how.get !== undefined) {
    const answer = await send(state, {
      method: 'GET',
      path: how.get,
      credential: how.credential ?? 'owner',
    });
    return String(at(JSON.parse(answer.body), how.take ?? 'response'));
  }
  if (how.of !== undefined) return variant(names[how.of] ?? '', how.as ?? '');
  if (how.longLinkOf !== undefined) {
    const link = names[how.longLinkOf] ?? '';
    const { headers } = await send(state, { method: 'GET', path: link, credential: 'none' });
    return changedLink(String(headers['location']), how.change, names);
  }
  const { signedKeyFor, tenantId = 1, machineKey = '', ageMs = 0, change } = how;
  const text = `${names[signedKeyFor ?? ''] ?? signedKeyFor}Auth`;
  return changedKey(
    makeSignedKey({ text, tenantId, machineKey, atMs: Date.now() - ageMs }),
    change,
  );
}

function variant(id: string, as: string): string {
  switch (as) {
    case 'upper case':
      return id.toUpperCase();
    case 'without hyphens':
      return id.replaceAll('-', '');
    case '%7B…%7D':
      return `%7B${id}%7D`;
    case '(…)':
      return `(${id})`;
    case '%20 before':
      return `%20${id}`;
    default:
      return `${id}0`;
  }
}

function changedLink(
  link: string,
  change: string | undefined,
  names: Readonly<Record<string, string>>,
): string {
  const url = new URL(link);
  const set = (name: string, value: string) => url.searchParams.set(name, value);
  if (change === 'key changed') set('key', `${url.searchParams.get('key')}X`);
  if (change === 'key missing') url.searchParams.delete('key');
  if (change === 'type changed to admin') set('emplType', '3');
  if (change === 'type changed to guest') set('emplType', '2');
  if (change === 'inviter changed') set('uid', names['admin'] ?? '');
  if (change === 'inviter missing') url.searchParams.delete('uid');
  return url.href;
}

function changedKey(key: string, change: string | undefined): string {
  switch (change) {
    case 'lower case':
      return key.toLowerCase();
    case 'last character cut':
      return key.slice(0, -1);
    case '. becomes ..':
      return key.replace('.', '..');
    case undefined:
      return key;
    case 'only what is before the dot':
      return key.split('.')[0] ?? '';
    case 'only what is behind the dot':
      return key.split('.')[1] ?? '';
    default:
      return change.endsWith(' behind')
        ? `${key}${change.slice(0, -' behind'.length)}`
        : `${change.slice(0, -' before'.length)}${key}`;
  }
}

async function sendAndCompare(state: Replay, entry: RequestEntry): Promise<void> {
  state.receiver.probeAnswer = probeAnswer(entry.receiverAnswersHead);
  if (entry.path.endsWith('/retry')) state.receiver.repaired = true;
  const answer = await send(state, entry);
  if (entry.method !== 'GET') await settled(state);
  if (answer.status === 200) await cleanUp(state, entry, answer);
  for (const [name, path] of Object.entries(entry.saves ?? {})) {
    if (answer.status !== 200) continue;
    state.names[name] = String(at(JSON.parse(answer.body), path));
  }
  const differs = (what: Difference['what'], real: string, simulated: string) => {
    if (real === simulated) return;
    state.differences.push({ id: entry.id, title: entry.title, what, real, simulated });
  };
  const { answer: real } = entry;
  if (real.status !== answer.status) {
    differs('status', String(real.status), `${answer.status} ${answer.body.slice(0, 200)}`);
    return;
  }
  differs('headers', headersOf(state, real.headers), headersOf(state, answer.headers));
  if (real.bodyLeftOut !== undefined) {
    const { count, total, rowsInOrder } = real.bodyLeftOut;
    const simulated = rowsOf(answer.body);
    const form = (rows: readonly Row[], all: number) =>
      JSON.stringify({ count, total: all, rows: rows.map(sortKeyIn(state, entry.path)) });
    differs('body', form(rowsInOrder, total), form(simulated.rows, simulated.total));
    return;
  }
  const [realSide, side] = sides(state);
  if (real.bodyStart !== undefined) {
    const start = normalise(real.bodyStart, realSide);
    differs('body', start, normalise(answer.body, side).slice(0, start.length));
    return;
  }
  const isUnordered = entry.path === 'people/invite' && real.status === 200;
  const form = (text: string, of: Side) =>
    isUnordered ? inOrder(normalise(text, of)) : normalise(text, of);
  differs('body', form(real.body ?? '', realSide), form(answer.body, side));
}

/** A webhook that no later entry names was deleted again at once. */
async function cleanUp(state: Replay, entry: RequestEntry, answer: Answer): Promise<void> {
  if (entry.method !== 'POST' || entry.path !== 'settings/webhook') return;
  const [saved] = Object.keys(entry.saves ?? {});
  if (saved === 'posted' || (saved !== undefined && isNamed(state, saved))) return;
  const path = `settings/webhook/${JSON.parse(answer.body).response.id}`;
  await send(state, { method: 'DELETE', path, credential: 'owner' });
}

function isNamed(state: Replay, name: string): boolean {
  return JSON.stringify(state.run.entries).includes(`{{${name}}}`);
}

function probeAnswer(given: number | string | undefined): number | string {
  if (given === undefined) return 200;
  return /^\d+$/.test(String(given)) ? Number(given) : given;
}

/** These lists come in the order of the ids, which are others here. */
function inOrder(text: string): string {
  const json = JSON.parse(text);
  const rows = json.response.map((row: unknown) => JSON.stringify(row)).sort();
  return JSON.stringify({ ...json, response: rows });
}

const COMPARED_HEADERS = [
  'Content-Type',
  'api-supported-versions',
  'Cache-Control',
  'Expires',
  'Pragma',
  'WWW-Authenticate',
  'Allow',
  'Location',
  'Retry-After',
  'Set-Cookie',
];

function headersOf(state: Replay, headers: Answer['headers']): string {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const text = COMPARED_HEADERS.flatMap((name) => {
    const value = lower[name.toLowerCase()];
    return value === undefined ? [] : `${name}: ${value}`;
  }).join('\n');
  const [realSide, side] = sides(state);
  return normalise(normalise(text, realSide), side);
}

type Row = string | readonly [number, string, number, number];

/** What a left-out body keeps: the e-mail addresses of people, or four values of journal rows. */
function rowsOf(body: string): { readonly rows: readonly Row[]; readonly total: number } {
  const { response, total } = JSON.parse(body);
  // biome-ignore lint/suspicious/noExplicitAny: rows of two kinds
  const rows = response.map((row: any) =>
    row.configName === undefined
      ? (row.email ?? row.id)
      : [row.id, row.configName, row.trigger, row.status],
  );
  return { rows, total };
}

/** People with the same key come in any order: the key is compared and not the person. */
function sortKeyIn(state: Replay, path: string): (row: Row) => unknown {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  const sortBy = query.get('sortBy')?.toLowerCase();
  return (row) => {
    if (typeof row === 'string' && !row.includes('@')) return 'an id';
    const user = typeof row === 'string' ? state.portal.control.userByEmail(row) : undefined;
    if (user === undefined) return row;
    if (sortBy === 'email') return collationKey(user.email);
    if (sortBy === 'type') return user.type;
    if (sortBy === 'createdby') return user.createdBy;
    if (sortBy === 'usedspace') return 'anybody';
    if (sortBy === 'department') return collationKey(user.firstName);
    if (sortBy === 'registrationdate') return isAccount(user.email);
    const name = sortBy === 'lastname' ? user.lastName : user.firstName;
    return `${user.status} ${collationKey(name)}`;
  };
}

/** The seconds in which people came differ; that accounts came before the others does not. */
function isAccount(email: string): string {
  return email.replace(/^p(?:age|\d@).*/, 'page').replace(/^[^@]*@portal/, '@portal');
}

function sides(state: Replay): [Side, Side] {
  const { run, names, portal, receiver } = state;
  const shared = Object.keys(run.names).filter((name) => names[name] !== undefined);
  const pick = (from: Readonly<Record<string, string>>) =>
    Object.fromEntries(shared.map((name) => [name, from[name] ?? '']));
  return [
    {
      names: pick(run.names),
      origin: run.origin,
      receiver: 'localhost:9260',
      now: RECORDED_AT,
    },
    {
      names: pick(names),
      origin: portal.url,
      receiver: new URL(receiver.origin).host,
      now: Date.now(),
    },
  ];
}

// The runs were recorded within the hour before.
const RECORDED_AT = Date.parse('2026-11-28T19:45:00Z');

type Call = {
  readonly method: string;
  readonly path: string;
  readonly credential: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

async function send(state: Replay, call: Call): Promise<Answer> {
  const { portal } = state;
  const path = filled(state, call.path);
  const url = path.startsWith('http')
    ? path
    : path.startsWith('/')
      ? portal.url + path
      : `${portal.url}/api/2.0/${path}`;
  const authorization = await credentialOf(state, call.credential);
  const headers: Record<string, string> = {};
  if (authorization !== undefined) headers['authorization'] = authorization;
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    headers[name] = filled(state, value);
  }
  if (headers['content-type'] === '') delete headers['content-type'];
  const body = call.body === undefined ? undefined : filled(state, call.body);
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return await exchange({ url, method: call.method, headers, body });
}

/** Sends the path as it is: a client that tidies it up would hide what the portal makes of it. */
function exchange(input: {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}): Promise<Answer> {
  const { url, method, headers, body } = input;
  const [, host = '', port = '80', path = '/'] = /^http:\/\/([^/:]+):(\d+)(.*)$/.exec(url) ?? [];
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path, method, headers: { ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode = 0, headers: received } = response;
        resolve({
          status: statusCode,
          headers: received,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function credentialOf(state: Replay, name: string): Promise<string | undefined> {
  if (name === 'none') return undefined;
  const known = state.credentials[name];
  if (known !== undefined) return known;
  const userId = state.names[name.replace(/Token$/, '')];
  if (userId === undefined) throw new Error(`Nobody is called ${name}.`);
  const token = state.portal.control.sessionToken(userId);
  state.credentials[name] = token;
  return token;
}

function filled(state: Replay, text: string): string {
  return text.replaceAll(
    /\{\{([^{}]+)\}\}/g,
    (_, name: string) => state.names[name] ?? `{{${name}}}`,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a path into JSON of any shape
function at(json: any, path: string): unknown {
  return path.split('.').reduce((value, name) => value?.[name], json);
}

async function act(state: Replay, entry: ActEntry): Promise<void> {
  let refusal: string | undefined;
  try {
    for (const one of entry.control) {
      const given = JSON.parse(JSON.stringify(one.with ?? {}), (_, value) =>
        typeof value === 'string' ? filled(state, value) : value,
      );
      const made = await perform(state, one.do, given);
      if (one.saves !== undefined && made !== undefined) {
        state.names[one.saves] = made.userId;
        const token = state.portal.control.sessionToken(made.userId);
        state.credentials[`${one.saves}Token`] = token;
        const isGuest = given.type === 'Guest';
        state.credentials[one.saves] =
          made.apiKey === undefined || isGuest ? token : `Bearer ${made.apiKey}`;
      }
    }
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error);
  }
  await settled(state);
  const accepted = refusal === undefined;
  // Nothing in the control stands for what the portal refused by its form.
  if (accepted === entry.accepted || entry.control[0]?.do === 'nothing') return;
  const { id, title } = entry;
  const simulated = refusal ?? 'accepted';
  const real = entry.accepted ? 'accepted' : 'refused';
  state.differences.push({ id, title, what: 'act', real, simulated });
}

type Made = { readonly userId: string; readonly apiKey?: string };

// biome-ignore lint/suspicious/noExplicitAny: the arguments come from a file
async function perform(state: Replay, what: string, given: any): Promise<Made | undefined> {
  const { control } = state.portal;
  const { user, ...rest } = given;
  switch (what) {
    case 'nothing':
      return undefined;
    case 'addAccount':
      return await addAccount(state, given);
    case 'addUser':
      return { userId: control.addUser(given) };
    case 'register':
      return { userId: control.register(given) };
    case 'registerByLetter': {
      const letter = control
        .letters()
        .findLast(({ to, subject }) => to === given.to && subject === 'Invitation to DocSpace');
      return { userId: control.register({ ...given, link: letter?.link ?? '' }) };
    }
    case 'confirmEmail':
      control.confirmEmail(user);
      return undefined;
    case 'forgetPassword':
      control.forgetPassword(user);
      return undefined;
    case 'activateSilently':
      control.activateSilently(user);
      return undefined;
    case 'editProfile':
      control.editProfile(user, rest.change);
      return undefined;
    case 'changeType':
      control.changeType(user, rest.type);
      return undefined;
    case 'requestEmailChange':
      control.requestEmailChange(user, rest.email);
      return undefined;
    case 'changeEmail':
      control.changeEmail(user, rest.email);
      return undefined;
    case 'confirmChangedEmail':
      control.confirmChangedEmail(user, rest.email);
      return undefined;
    case 'disable':
      control.disable(user, rest.how);
      return undefined;
    case 'enable':
      control.enable(user);
      return undefined;
    case 'deleteUser':
      control.deleteUser(user);
      return undefined;
    case 'deleteOwnProfile':
      control.deleteOwnProfile(user);
      return undefined;
    case 'setInvitingMembers':
      control.setInvitingMembers(given.isAllowed);
      return undefined;
    case 'revokeKeyOf':
      control.revokeKey(state.credentials[given.credential]?.replace('Bearer ', '') ?? '');
      return undefined;
    default:
      throw new Error(`Nothing in the control stands for ${what}.`);
  }
}

/** As the accounts of the recorded portal were made: by a link, confirmed, with a key. */
async function addAccount(state: Replay, given: Account): Promise<Made> {
  const { control } = state.portal;
  const path = `portal/users/invite/${given.type}`;
  const answer = await send(state, { method: 'GET', path, credential: 'owner' });
  const link = JSON.parse(answer.body).response;
  const userId = control.register({ ...given, link });
  control.confirmEmail(userId);
  const { permissions = [], email } = given;
  const key = { permissions, name: `Key of ${email}`, expiresAt: inNinetyDays() };
  return { userId, apiKey: control.addKey(userId, key) };
}

/** As long as the recorded keys lived. */
function inNinetyDays(): number {
  return Date.now() + 90 * 24 * 3_600_000;
}

type Account = {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly type: string;
  readonly permissions?: readonly string[];
};

async function settled(state: Replay): Promise<void> {
  await state.portal.control.deliveriesIdle({
    deadlineMs: 20_000,
    label: 'the deliveries are out',
  });
  // A delivery that was answered is recorded in the same turn.
  await sleep(0);
}

async function compareDeliveries(state: Replay, entry: DeliveriesEntry): Promise<void> {
  await settled(state);
  const [realSide, side] = sides(state);
  const path = entry.kind === 'attempts' ? `/hook/${entry.id.split('~')[1]}` : undefined;
  const form = (one: RealDelivery, of: Side) =>
    normalise(
      [
        `${one.method} ${one.url} -> ${one.answered}`,
        one.rawHeaders
          .filter((_, index) => index % 2 === 0)
          .join(' ')
          // Only present while the portal's process traces.
          .replace(' traceparent', ''),
        one.body,
      ].join('\n'),
      of,
    );
  const real = entry.real.map((one) => form(one, realSide));
  const simulated = state.receiver[path === undefined ? 'take' : 'seen'](path).map((one) =>
    form(one, side),
  );
  // The order within five seconds is arbitrary.
  const text = (list: readonly string[]) => [...list].sort().join('\n\n');
  if (text(real) === text(simulated)) return;
  const { id, title } = entry;
  state.differences.push({
    id,
    title,
    what: 'deliveries',
    real: text(real),
    simulated: text(simulated),
  });
}

const LETTERS: Readonly<Record<string, string>> = {
  'Invitation to DocSpace': 'invitation',
  'Welcome to DocSpace': 'welcome',
  'Welcome to DocSpace, guest': 'guest welcome',
  'Confirm your e-mail': 'confirm e-mail',
  Congratulations: 'congratulation',
  'Activate your account': 'opensource_user_activation_v1',
  'Set a password': 'change_password_v115',
  'Change your e-mail': 'change_email_v115',
  'Delete your profile': 'profile_delete',
};

function compareLetters(state: Replay, entry: LettersEntry): void {
  const { control } = state.portal;
  const congratulations = control.congratulations().map(({ userId, at }) => {
    return { to: control.user(userId)?.email ?? '', subject: 'Congratulations', at };
  });
  const all = [...control.letters(), ...congratulations];
  const simulated = all
    .filter((letter) => !state.letters.has(letterKey(letter)))
    .map(({ to, subject }) => `${LETTERS[subject] ?? subject} to ${to.toLowerCase()}`);
  for (const letter of all) state.letters.add(letterKey(letter));
  const real = entry.real.map(({ letter, to }) => `${letter} to ${to.toLowerCase()}`);
  const text = (list: readonly string[]) => [...list].sort().join('\n');
  if (text(real) === text(simulated)) return;
  const { id, title } = entry;
  state.differences.push({
    id,
    title,
    what: 'letters',
    real: text(real),
    simulated: text(simulated),
  });
}

function letterKey({ to, subject, at }: { to: string; subject: string; at: number }): string {
  return `${to} ${subject} ${at}`;
}

/** The title says how: `paging sortBy=email by 10`. */
async function comparePages(state: Replay, entry: PagesEntry): Promise<void> {
  const [, query = '', length = '10'] = /^paging (.*) by (\d+)$/.exec(entry.title) ?? [];
  const seen: string[] = [];
  let total = 1;
  while (seen.length < total) {
    const path = `people/filter?${query}&count=${length}&startIndex=${seen.length}`;
    const answer = await send(state, { method: 'GET', path, credential: 'owner' });
    const json = JSON.parse(answer.body);
    total = json.total;
    if (json.response.length === 0) break;
    // biome-ignore lint/suspicious/noExplicitAny: people of a list
    seen.push(...json.response.map((one: any) => one.email));
  }
  const simulated = JSON.stringify({ total, distinct: new Set(seen).size });
  const real = JSON.stringify({ total: entry.real.total, distinct: entry.real.distinct });
  const { id, title } = entry;
  if (real !== simulated) {
    state.differences.push({ id, title, what: 'pages', real, simulated });
  }
}
