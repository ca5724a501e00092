import { expect } from 'vitest';
import type { Answer } from '../support/world.ts';
import { operations } from './operations.ts';

/**
 * Compares an answer of the service with the document: its status, its media type and each field.
 */
export function checkAnswer(id: string, answer: Answer): void {
  const operation = operations.find((one) => one.id === id);
  if (!operation) throw new Error(`no operation is called ${id}`);
  const { status } = answer;
  const label = `${id} answered ${status}: ${answer.text}`;
  expect(Object.keys(operation.answers).map(Number), label).toContain(status);
  const [[type, described] = []] = Object.entries(operation.answers[status]?.content ?? {});
  if (!type || !described || !type.endsWith('json')) return;
  expect(answer.headers['content-type'], label).toContain(type);
  const read = described.schema.safeParse(answer.json);
  expect(read.error?.issues ?? [], label).toEqual([]);
  // Zod drops fields that the schema does not know, so an undocumented field is missing in the
  // result.
  expect(read.data, label).toEqual(answer.json);
}
