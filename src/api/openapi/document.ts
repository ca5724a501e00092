import { z } from 'zod';
import { version } from '../../project.ts';
import { adminOperations } from './admin-operations.ts';
import { problemSchema } from './answers.ts';
import { openOperations } from './open-operations.ts';
import type { Answer, Operation, Parameter } from './operation.ts';

/** Every route of the service. */
export const operations: readonly Operation[] = [...openOperations, ...adminOperations];

type Json = Readonly<Record<string, unknown>>;

const adminProblems = {
  401: 'The admin token is missing or wrong',
  500: 'Something went wrong here: the log of the service says what',
  503: 'The database cannot be used now',
} as const;

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApiDocument(): Json {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const methods = paths[operation.path] ?? {};
    methods[operation.method] = describe(operation, components);
    paths[operation.path] = methods;
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'docspace-welcome',
      version,
      description:
        'Invites people to an ONLYOFFICE DocSpace portal, keeps the log, and welcomes each of them once. Times are RFC 3339 in UTC; errors are RFC 9457 problems.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN' },
      },
    },
  };
}

/** Every status that an operation may be answered with. */
export function statusesOf(operation: Operation): number[] {
  return [...Object.keys(operation.answers), ...Object.keys(problemsOf(operation))].map(Number);
}

function describe(operation: Operation, components: Record<string, unknown>): Json {
  const { id, tag, summary, description, access, body } = operation;
  const schemaOf = (schema: z.ZodType) => jsonSchema(schema, components);
  const parameters = [
    ...named('path', operation.pathParameters ?? {}),
    ...inQuery(operation.query, schemaOf),
    ...named('header', operation.headers ?? {}),
  ];
  const responses = Object.fromEntries([
    ...Object.entries(operation.answers).map(([status, answer]) => [
      status,
      response(answer, schemaOf),
    ]),
    ...Object.entries(problemsOf(operation)).map(([status, text]) => [
      status,
      {
        description: text,
        content: { 'application/problem+json': { schema: schemaOf(problemSchema) } },
      },
    ]),
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            required: !body.optional,
            content: { 'application/json': { schema: schemaOf(body.schema) } },
          },
        }
      : {}),
    responses,
    security: access === 'admin' ? [{ adminToken: [] }] : [],
  };
}

function problemsOf(operation: Operation): Readonly<Record<number, string>> {
  if (operation.access !== 'admin') return operation.problems ?? {};
  const isApi = operation.path.startsWith('/api/');
  const tooLarge = isApi && operation.method === 'post' ? { 413: 'Larger than 1 MiB' } : {};
  return { ...adminProblems, ...tooLarge, ...operation.problems };
}

function response(answer: Answer, schemaOf: (schema: z.ZodType) => unknown): Json {
  const { description, schema, mediaType = 'application/json' } = answer;
  if (mediaType === null) return { description };
  const content = { [mediaType]: { schema: schema ? schemaOf(schema) : { type: 'string' } } };
  return { description, content };
}

function named(place: 'path' | 'header', parameters: Readonly<Record<string, Parameter>>): Json[] {
  return Object.entries(parameters).map(([name, { description, required, schema }]) => ({
    name,
    in: place,
    description,
    required: place === 'path' || required === true,
    schema: schema ?? { type: 'string' },
  }));
}

function inQuery(query: z.ZodObject | undefined, schemaOf: (schema: z.ZodType) => unknown): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    // The shape of a Zod object holds Zod schemas, of the library's widest type.
    schema: schemaOf(schema as z.ZodType),
  }));
}

/** What a schema takes in, as JSON Schema; what has an id goes to the components. */
function jsonSchema(schema: z.ZodType, components: Record<string, unknown>): unknown {
  const made = z.toJSONSchema(z.object({ it: schema }), {
    io: 'input',
    override({ jsonSchema: made }) {
      // The format says it; zod's pattern of the calendar is three lines long.
      if (made.format === 'date-time' || made.format === 'date') delete made.pattern;
      delete made.id;
    },
  });
  const { properties, $defs = {} } = withRefs(made);
  Object.assign(components, $defs);
  return properties.it;
}

const convertedSchema = z.object({
  properties: z.object({ it: z.unknown() }),
  $defs: z.record(z.string(), z.unknown()).optional(),
});

/** Definitions move to `components`, and with them what points at them. */
function withRefs(made: unknown): z.infer<typeof convertedSchema> {
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  return convertedSchema.parse(JSON.parse(text));
}
