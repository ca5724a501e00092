import { describe } from 'vitest';
import { hasPostgres } from '../support/postgres.ts';
import { openTestStore, storeKinds } from '../support/test-store.ts';
import { storeSuite } from './conformance.ts';
import { replicaSuite } from './suite-replicas.ts';

for (const kind of storeKinds) storeSuite(`the store ${kind}`, () => openTestStore(kind));

describe.skipIf(!hasPostgres)('the store postgres', () => {
  replicaSuite(() => openTestStore('postgres'));
});
