import { readFileSync } from 'node:fs';

export type Define = { readonly kind: 'define'; readonly name: string; readonly how: How };
type How = {
  readonly get?: string;
  readonly credential?: string;
  readonly take?: string;
  readonly longLinkOf?: string;
  readonly signedKeyFor?: string;
  readonly tenantId?: number;
  readonly machineKey?: string;
  readonly ageMs?: number;
  readonly change?: string;
  readonly of?: string;
  readonly as?: string;
  readonly text?: string;
  readonly receiver?: string;
  readonly apiKeyOf?: string;
  readonly sessionTokenOf?: string;
};
type RealAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the portal's settings only the beginning is kept. */
  readonly bodyStart?: string;
  /** Long lists that occur often: only their rows, in order. */
  readonly bodyLeftOut?: {
    readonly count: number;
    readonly total: number;
    readonly rowsInOrder: readonly (string | readonly [number, string, number, number])[];
  };
};
export type RequestEntry = {
  readonly kind: 'request';
  readonly id: string;
  readonly title: string;
  readonly credential: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly saves?: Readonly<Record<string, string>>;
  readonly receiverAnswersHead?: number | string;
  readonly answer: RealAnswer;
};
export type ActEntry = {
  readonly kind: 'act';
  readonly id: string;
  readonly title: string;
  readonly control: readonly {
    readonly do: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly saves?: string;
  }[];
  /** Whether the real portal took it. */
  readonly accepted: boolean;
};
export type RealDelivery = {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly answered: number | string;
};
export type DeliveriesEntry = {
  readonly kind: 'deliveries' | 'attempts';
  readonly id: string;
  readonly title: string;
  readonly real: readonly RealDelivery[];
};
export type LettersEntry = {
  readonly kind: 'letters';
  readonly id: string;
  readonly title: string;
  readonly real: readonly { readonly letter: string; readonly to: string }[];
};
export type PagesEntry = {
  readonly kind: 'pages';
  readonly id: string;
  readonly title: string;
  readonly real: { readonly total: number; readonly distinct: number };
};
export type Entry = Define | RequestEntry | ActEntry | DeliveriesEntry | LettersEntry | PagesEntry;
export type Run = {
  readonly run: number;
  readonly title: string;
  readonly origin: string;
  readonly names: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
};

/** One of the six recorded runs: its first line describes it, every other line is an entry. */
export function readRun(number: number): Run {
  const file = new URL(`../../recordings/sequence/run-${number}.jsonl`, import.meta.url);
  const [head, ...entries] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...head, entries };
}
