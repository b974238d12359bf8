import { describe, expect, test } from '@jest/globals';
import type { InstanceId, JobId, LogReply, OrganizationId, WireLogLine } from '@dibs/shared';
import type { Appended, ChunkToAppend } from './log-chunk.repository.js';
import { LogFlush, type PendingBatch } from './log-flush.js';

const jobId = '0197a000-0000-7000-8000-000000000001' as JobId;

function batch(firstSeq: number, count: number, more: Partial<PendingBatch> = {}): PendingBatch {
  return {
    organizationId: 'org' as OrganizationId,
    instanceId: 'instance' as InstanceId,
    jobId,
    attempt: 1,
    claimToken: 'token',
    firstSeq,
    lines: Array.from({ length: count }, (_, index): WireLogLine => [0, 0, 'o', `line ${firstSeq + index}`]),
    ...more,
  };
}

/** What the statement does, without the database: appends only where the stored log ends. */
class Store {
  readonly lines = new Map<string, string[]>();
  statements = 0;

  constructor(private readonly validToken = 'token') {}

  readonly append = (chunks: readonly ChunkToAppend[]): Promise<Appended[]> => {
    this.statements += 1;
    const keys = chunks.map((chunk) => `${chunk.jobId} ${chunk.attempt}`);
    if (new Set(keys).size !== keys.length) throw new Error('an attempt appears twice in one statement');
    return Promise.resolve(chunks.map((chunk, index) => this.appendOne(chunk, keys[index]!)));
  };

  private appendOne({ claimToken, firstSeq, lines }: ChunkToAppend, key: string): Appended {
    if (claimToken !== this.validToken) return { fenced: true };
    const stored = this.lines.get(key) ?? [];
    const storedSeq = stored.length;
    if (storedSeq !== firstSeq - 1) return { fenced: false, appended: false, storedSeq };
    this.lines.set(key, [...stored, ...lines.map(([, , , text]) => text)]);
    return { fenced: false, appended: true, storedSeq };
  }
}

const linesTo = (last: number): string[] => Array.from({ length: last }, (_, index) => `line ${index + 1}`);
const stored = (store: Store): string[] => store.lines.get(`${jobId} 1`) ?? [];
const summary = (reply: LogReply): string =>
  reply.ok ? `ok ${reply.ackedSeq}` : `${reply.code} ${reply.ackedSeq ?? ''}`.trim();

async function flush(store: Store, batches: PendingBatch[]): Promise<string[]> {
  return (await new LogFlush(batches).run(store.append)).replies.map(summary);
}

describe('LogFlush', () => {
  test('joins the batches of a pipelined window into one chunk, whatever their order', async () => {
    const store = new Store();
    expect(await flush(store, [batch(4, 3), batch(1, 3), batch(7, 1)])).toEqual(['ok 7', 'ok 7', 'ok 7']);
    expect(stored(store)).toEqual(linesTo(7));
    expect(store.statements).toBe(1);
  });

  test('trims what overlaps and acknowledges what is stored already', async () => {
    const store = new Store();
    await flush(store, [batch(1, 5)]);
    expect(await flush(store, [batch(1, 5), batch(3, 6), batch(9, 1)])).toEqual(['ok 5', 'ok 9', 'ok 9']);
    expect(stored(store)).toEqual(linesTo(9));
  });

  test('finds the way on behind a repeated batch that does not touch the next one', async () => {
    const store = new Store();
    await flush(store, [batch(1, 10)]);
    expect(await flush(store, [batch(1, 3), batch(11, 2)])).toEqual(['ok 10', 'ok 12']);
    expect(stored(store)).toEqual(linesTo(12));
  });

  test('refuses a gap, tells where to go on, and stores what comes before it', async () => {
    const store = new Store();
    expect(await flush(store, [batch(5, 2), batch(1, 2)])).toEqual(['E_GAP 2', 'ok 2']);
    expect(await flush(store, [batch(4, 1)])).toEqual(['E_GAP 2']);
    expect(stored(store)).toEqual(linesTo(2));
  });

  test('lets neither a wrong token nor its lines disturb the right one', async () => {
    const store = new Store();
    const replies = await flush(store, [
      batch(1, 2, { claimToken: 'stale' }),
      batch(1, 3),
      batch(4, 1, { claimToken: 'x' }),
    ]);
    expect(replies).toEqual(['E_FENCED', 'ok 3', 'E_FENCED']);
    expect(stored(store)).toEqual(linesTo(3));
  });

  test('keeps jobs apart and tells of each growth once', async () => {
    const store = new Store();
    const other = '0197a000-0000-7000-8000-000000000002' as JobId;
    const { grown } = await new LogFlush([batch(1, 1), batch(1, 2, { jobId: other }), batch(2, 1)]).run(store.append);
    expect(grown.map(({ jobId: id, upTo }) => [id, upTo])).toEqual([
      [jobId, 2],
      [other, 2],
    ]);
  });

  test('answers every batch of a backlog that is longer than one chunk', async () => {
    const store = new Store();
    const batches = Array.from({ length: 40 }, (_, index) => batch(index * 500 + 1, 500));
    const replies = await flush(store, batches);
    expect(replies.every((reply) => reply.startsWith('ok'))).toBe(true);
    expect(stored(store)).toEqual(linesTo(20_000));
  });
});
