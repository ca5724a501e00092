/** A schema in a PostgreSQL database. */
export type Place = {
  readonly url: string;
  readonly schemaName: string;
  /** How messages name the database: without its password. */
  readonly shown: string;
  /** Whether this program may make and change the tables by itself (`MIGRATE`). */
  readonly migrates: boolean;
};

/** The database that the settings name. `name` names it in messages. */
export type Database =
  | {
      readonly kind: 'sqlite';
      readonly name: string;
      readonly file: string;
      /** The same as in `Place`. */
      readonly migrates: boolean;
    }
  | {
      readonly kind: 'postgres';
      readonly name: string;
      readonly place: Place;
      /** Absolute path of the key that recognises forgotten people. Null: it is not set. */
      readonly forgetKeyFile: string | null;
    };

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

export function placeOf(url: string, schemaName: string, migrates = true): Place {
  const { hostname, port, pathname } = new URL(url);
  const server = port === '' ? hostname : `${hostname}:${port}`;
  const shown = `${decodeURIComponent(pathname.slice(1))} on ${server}`;
  return { url, schemaName, shown, migrates };
}
