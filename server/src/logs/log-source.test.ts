import { expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import type { ArchivedLogs } from '../log-archive/archived-logs.js';
import type { LogReadRepository, StoredChunk } from './log-read.repository.js';
import { LogSource } from './log-source.js';

const job = 'job' as JobId;
const chunk: StoredChunk = { first_seq: 1, last_seq: 2, lines: '[]' };

/** Reads that the test answers, in the order in which they were asked for. */
function sourceWith() {
  const open: { resolve: (chunks: StoredChunk[]) => void; reject: (error: Error) => void }[] = [];
  const chunks = () => new Promise<StoredChunk[]>((resolve, reject) => open.push({ resolve, reject }));
  const archived = { chunks: () => Promise.resolve([]) };
  return {
    open,
    source: new LogSource({ chunks } as unknown as LogReadRepository, archived as unknown as ArchivedLogs),
  };
}

test('those who read the same at the same time share one read, those who come after it do not', async () => {
  const { open, source } = sourceWith();
  const both = [source.chunks(job, 1, 0, 3), source.chunks(job, 1, 0, 3)];
  expect(open).toHaveLength(1);
  open[0]!.resolve([chunk]);
  expect(await Promise.all(both)).toEqual([[chunk], [chunk]]);
  void source.chunks(job, 1, 0, 3);
  expect(open).toHaveLength(2);
});

test('whoever knows of more lines reads for itself', () => {
  const { open, source } = sourceWith();
  for (const [attempt, after, before, step] of [
    [1, 0, 3, null],
    [1, 0, 4, null],
    [1, 1, 4, null],
    [2, 1, 4, null],
    [2, 1, 4, 0],
  ] as const) {
    void source.chunks(job, attempt, after, before, step);
  }
  expect(open).toHaveLength(5);
});

test('a read that fails fails for all who share it, and the next is a new one', async () => {
  const { open, source } = sourceWith();
  const both = [source.chunks(job, 1, 0, 3), source.chunks(job, 1, 0, 3)];
  open[0]!.reject(new Error('the database is away'));
  const answers = await Promise.allSettled(both);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  void source.chunks(job, 1, 0, 3);
  expect(open).toHaveLength(2);
});
