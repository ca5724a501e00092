import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One exchange with a real server, as `test/recordings/README.md` describes it. */
export type Recording = {
  /** The file without its ending. */
  readonly name: string;
  readonly what: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  };
};
/** One delivery of a real server. */
export type RecordedDelivery = {
  readonly name: string;
  readonly what: string;
  /** The first line. */
  readonly request: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly secret: string;
};

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Every exchange in the folder: a new file is a new test. */
export function readRecordings(): readonly Recording[] {
  return read<Recording>(folder);
}

/** Every delivery in the folder. */
export function readDeliveries(): readonly RecordedDelivery[] {
  return read<RecordedDelivery>(`${folder}webhooks/`);
}

/** What somebody recorded by hand. */
function read<T extends { readonly name: string }>(from: string): readonly T[] {
  return readdirSync(from)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      ...JSON.parse(readFileSync(from + file, 'utf8')),
      name: file.replace(/\.json$/, ''),
    }));
}
