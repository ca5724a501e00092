import { openTestStore, storeKinds } from '../support/test-store.ts';
import { storeSuite } from './conformance.ts';

for (const kind of storeKinds) storeSuite(`the store ${kind}`, () => openTestStore(kind));
