import { describe } from 'vitest';
import { freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { spellingSuite } from '../suite-search.ts';
import { openStore } from './support.ts';

// The other suites run on databases with the locale C.UTF-8.
describe.skipIf(!hasPostgres)('in a PostgreSQL database with the locale C,', () => {
  spellingSuite(async () => {
    const forgetKeyFile = `${await temporaryFolder()}/forget-key`;
    return openStore(await freshDatabase({ locale: 'C' }), forgetKeyFile);
  });
});
