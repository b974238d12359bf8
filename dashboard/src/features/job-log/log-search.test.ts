import { describe, expect, test } from '@jest/globals';
import type { LogSearchPage } from '@dibs/shared';
import type { LogQuestion, SearchLog } from '../../api/logs';
import { HITS_PER_READ, LogSearch } from './log-search';

/** A log in which every line that a number divides matches. */
class FakeServer {
  lastSeq = 10_000;
  readonly asked: LogQuestion[] = [];
  problem: Error | null = null;

  constructor(private readonly every: number) {}

  readonly search: SearchLog = async (question) => {
    this.asked.push(question);
    await Promise.resolve();
    if (this.problem) throw this.problem;
    const { after, offset, limit } = question;
    const seqs: number[] = [];
    for (let seq = after + 1; seq <= this.lastSeq; seq += 1) if (seq % this.every === 0) seqs.push(seq);
    const items = seqs.slice(offset, offset + limit).map((seq) => ({
      line: { seq, at: '', step: 0, stream: 'stdout' as const, text: question.q },
      before: [],
      after: [],
    }));
    const page: Omit<LogSearchPage, 'total'> = {
      ...{ items, offset, attempt: 1, lastSeq: this.lastSeq, complete: false, nextOffset: null },
    };
    return { ...page, total: seqs.length };
  };
}

const shown = (search: LogSearch): [number | null, number, number | null] => {
  const { total, position, seq } = search.getSnapshot();
  return [total, position, seq];
};

describe('LogSearch', () => {
  test('begins with the first hit and goes round in both directions', async () => {
    const server = new FakeServer(3_000);
    const search = new LogSearch(server.search);
    await search.ask('x', false);
    expect(shown(search)).toEqual([3, 1, 3_000]);
    await search.move(-1);
    expect(shown(search)).toEqual([3, 3, 9_000]);
    await search.move(1);
    expect(shown(search)).toEqual([3, 1, 3_000]);
    expect(server.asked).toHaveLength(1);
  });

  test('asks for more hits only where the known ones end', async () => {
    const server = new FakeServer(2);
    const search = new LogSearch(server.search);
    await search.ask('x', false);
    await search.move(-1);
    expect(shown(search)).toEqual([5_000, 5_000, 10_000]);
    await search.move(-1);
    expect(shown(search)).toEqual([5_000, 4_999, 9_998]);
    expect(server.asked.map((question) => question.offset)).toEqual([0, 5_000 - HITS_PER_READ]);
  });

  test('nothing found is 0, and moving stays there', async () => {
    const search = new LogSearch(new FakeServer(99_999).search);
    await search.ask('x', false);
    await search.move(1);
    expect(shown(search)).toEqual([0, 0, null]);
  });

  test('a growing log is counted on from where the count ended', async () => {
    const server = new FakeServer(4_000);
    const search = new LogSearch(server.search);
    await search.ask('x', false);
    server.lastSeq = 12_000;
    await search.grewTo(12_000);
    expect(server.asked.at(-1)).toMatchObject({ after: 10_000, limit: 1 });
    expect(shown(search)).toEqual([3, 1, 4_000]);
    await search.move(-1);
    expect(shown(search)).toEqual([3, 3, 12_000]);
    await search.grewTo(12_000);
    expect(server.asked).toHaveLength(3);
  });

  test('the first line that matches is shown when it comes', async () => {
    const server = new FakeServer(11_000);
    const search = new LogSearch(server.search);
    await search.ask('x', false);
    expect(shown(search)).toEqual([0, 0, null]);
    server.lastSeq = 11_500;
    await search.grewTo(11_500);
    expect(shown(search)).toEqual([1, 1, 11_000]);
  });

  test('an answer for another text is not shown', async () => {
    const search = new LogSearch(new FakeServer(5_000).search);
    const first = search.ask('x', false);
    await search.ask('', false);
    await first;
    expect(search.getSnapshot()).toMatchObject({ needle: '', total: null, seq: null });
  });

  test('a refusal is shown in words until the next question', async () => {
    const server = new FakeServer(5_000);
    const search = new LogSearch(server.search);
    server.problem = new Error('too long');
    await search.ask('x', false);
    expect(search.getSnapshot().problem).not.toBeNull();
    server.problem = null;
    await search.ask('xy', false);
    expect(search.getSnapshot()).toMatchObject({ problem: null, total: 2 });
  });
});
