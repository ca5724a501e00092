import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/store/postgres/migration-schema.ts',
  out: './drizzle/postgres',
});
