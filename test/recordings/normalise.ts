/** What has to be known about one side, real or simulated, to compare its texts with the other's. */
export type Side = {
  /** Ids by name; the same names on both sides. */
  readonly names: Readonly<Record<string, string>>;
  readonly origin: string;
  /** The address of the receiver of webhooks, without a path. */
  readonly receiver?: string;
  /** ms UTC: dates are compared by their distance from it, in hours. */
  readonly now: number;
  /** People and keys of the recorded portal that are this old count as made now. */
  readonly agedHours?: number;
};

// Ids that every portal has.
const FIXED_IDS = new Map([
  ['66faa6e4-f133-11ea-b126-00ffeec8b4ef', '<id of the owner>'],
  ['a37ee56e-3302-4a7b-b67e-ddbea64cd032', '<id of the system account>'],
  ['4a515a15-d4d6-4b8e-828e-e0586f18f3a3', '<id of the lost user>'],
  ['00000000-0000-0000-0000-000000000000', '<empty id>'],
]);
const HOUR_MS = 3_600_000;
const FAR_HOURS = 24 * 100;

/**
 * The text with everything replaced that has to differ between two portals: ids by their names,
 * hosts, keys, codes, hashes and traces by their form, dates by their form and their distance from
 * now. Names, order, types, what is absent and what is null stay, because the text stays.
 */
export function normalise(text: string, side: Side): string {
  const named = new Map(Object.entries(side.names).map(([name, id]) => [id.toLowerCase(), name]));
  const bare = new Map([...named].map(([id, name]) => [id.replaceAll('-', ''), name]));
  let result = text
    .replaceAll(side.origin, '<portal>')
    .replaceAll(encodeURIComponent(side.origin), '<portal>');
  if (side.receiver !== undefined) result = result.replaceAll(side.receiver, '<receiver>');
  return result
    .replaceAll(AVATARS, '"avatars":"<avatars>"')
    .replaceAll(/BytePositionInLine: \d+/g, 'BytePositionInLine: <n>')
    .replaceAll(/"stack":"(?:[^"\\]|\\.)*"/g, '"stack":"<stack>"')
    .replaceAll(/00-[0-9a-f]{32}-[0-9a-f]{16}-0\d/g, '<trace>')
    .replaceAll(/sha256=[0-9A-F]{64}/g, 'sha256=<HEX>')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, (id) => {
      const name = named.get(id.toLowerCase()) ?? FIXED_IDS.get(id.toLowerCase());
      return name === undefined ? '<id>' : (FIXED_IDS.get(id.toLowerCase()) ?? `<id of ${name}>`);
    })
    .replaceAll(/\b[0-9a-f]{32}\b/gi, (id) => `<bare id of ${bare.get(id.toLowerCase())}>`)
    .replaceAll(RFC_1123, '<date>')
    .replaceAll(/sk-\*\*\*[0-9a-f]{4}/g, 'sk-***<4>')
    .replaceAll(/"keyPostfix":"[0-9a-f]{4}"/g, '"keyPostfix":"<4>"')
    .replaceAll(/\/s\/[\w-]{15}/g, '/s/<code>')
    .replaceAll(/(?<=\b|%2B|%20)\d{9,15}\.{1,2}[A-Z0-9]{20,50}\b/gi, '<key>')
    .replaceAll(/encemail=[\w%-]+/g, 'encemail=<address>')
    .replaceAll(DATE, (date) => dateForm(date, side));
}

const AVATARS = new RegExp(
  ['', 'Original', 'Max', 'Medium', 'Small']
    .map(
      (size) =>
        `"avatar${size}":"/static/images/default_user_photo_size_\\d+-\\d+\\.png\\?hash=\\d+"`,
    )
    .join(','),
  'g',
);
const RFC_1123 = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g;
const DATE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/g;

function dateForm(text: string, { now, agedHours = 0 }: Side): string {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(\.\d+)?(.*)$/.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone || 'Z'}`);
  const distance = Math.round((ms - now) / HOUR_MS);
  const hours = distance < 0 && distance >= -agedHours ? 0 : distance;
  // Dates that every portal has, and dates from a request, are compared as they are.
  if (Number.isNaN(hours) || Math.abs(hours) > FAR_HOURS) return text;
  const digits = fraction === '' ? '' : /^\.0+$/.test(fraction) ? fraction : '.f';
  return `<now${hours === 0 ? '' : ` ${hours > 0 ? '+' : ''}${hours} h`}${digits}${zone}>`;
}
