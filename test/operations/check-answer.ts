import { expect } from 'vitest';
import type { Answer } from '../support/world.ts';
import { operations } from './operations.ts';

/** Holds one answer of the service against the document: its status, its media type, each field. */
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
  // What the schema does not know is not in what it read.
  expect(read.data, label).toEqual(answer.json);
}
