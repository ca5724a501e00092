import { expect } from 'vitest';
import { problemSchema } from '../../src/api/openapi/answers.ts';
import { operations, statusesOf } from '../../src/api/openapi/document.ts';
import type { Operation } from '../../src/api/openapi/operation.ts';
import type { Answer } from '../support/world.ts';

function operationOf(id: string): Operation {
  const operation = operations.find((one) => one.id === id);
  if (!operation) throw new Error(`no operation is called ${id}`);
  return operation;
}

/** Holds one answer of the service against the document: its status, its media type, each field. */
export function checkAnswer(id: string, answer: Answer): void {
  const operation = operationOf(id);
  const { status } = answer;
  expect(statusesOf(operation), `${id} answered ${status}: ${answer.text}`).toContain(status);
  const documented = operation.answers[status];
  const schema = documented ? documented.schema : problemSchema;
  if (documented && !schema) return;
  const type = documented ? 'application/json' : 'application/problem+json';
  expect(answer.headers['content-type'], `${id} ${status}`).toContain(type);
  const read = schema?.safeParse(answer.json);
  expect(read?.error?.issues ?? [], `${id} ${status}: ${answer.text}`).toEqual([]);
  // What the schema does not know is not in what it read.
  expect(read?.data, `${id} ${status}`).toEqual(answer.json);
}
