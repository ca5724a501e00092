/** A schema in a PostgreSQL database. */
export type Place = {
  readonly url: string;
  readonly schemaName: string;
  /** The name of the database in messages. It has no password. */
  readonly shown: string;
  /** Whether this program may create and change the tables by itself (`MIGRATE`). */
  readonly migrates: boolean;
};

/** The database that the settings choose. `name` is its name in messages. */
export type Database =
  | {
      readonly kind: 'sqlite';
      readonly name: string;
      readonly file: string;
      /** Whether this program may create the file, and create and change its tables (`MIGRATE`). */
      readonly migrates: boolean;
    }
  | {
      readonly kind: 'postgres';
      readonly name: string;
      readonly place: Place;
      /** Absolute path of the key of forgotten people. Null if `FORGET_KEY_FILE` is not set. */
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
