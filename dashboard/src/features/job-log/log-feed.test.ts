import { describe, expect, test } from '@jest/globals';
import type { LogPage, LogRow } from '@dibs/shared';
import type { LogRange, ReadLog } from '../../api/logs';
import { LogFeed } from './log-feed';

/** A log on the server that answers as the REST API does, and can be held back or cut. */
class FakeServer {
  lines = 0;
  isComplete = false;
  mostLinesAbove = Infinity;
  /** The lines up to this one that follow what was read before are not there any more. */
  lostTo = 0;
  /** Where red begins that is never reset; 0: nowhere. */
  redFrom = 0;
  readonly asked: LogRange[] = [];
  private failures = 0;
  private held: (() => void)[] | null = null;

  /** Answers even what was aborted meanwhile: an answer may be on its way already. */
  readonly read: ReadLog = async (range) => {
    this.asked.push(range);
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the connection was cut');
    }
    return this.answer(range);
  };

  failNext(times: number): void {
    this.failures = times;
  }

  hold(): void {
    this.held = [];
  }

  release(): void {
    const waiting = this.held ?? [];
    this.held = null;
    for (const resolve of waiting) resolve();
  }

  private bounds(range: LogRange): [after: number, until: number] {
    if ('tail' in range) return [Math.max(0, this.lines - range.tail), this.lines];
    if ('before' in range) {
      // a page of long lines is shorter than was asked for, and keeps the lines next to where the reader is
      const most = Math.min(range.limit, this.mostLinesAbove);
      return [Math.max(0, range.before - 1 - most), Math.min(this.lines, range.before - 1)];
    }
    return [range.after, Math.min(this.lines, range.after + range.limit)];
  }

  private lineAt(seq: number): LogRow {
    const escape = seq === this.redFrom ? '\u001b[31m' : this.redFrom > 0 ? '\u001b[1m' : '';
    return { ...line(seq), text: `${escape}line ${seq}` };
  }

  private answer(range: LogRange): LogPage {
    const [from, until] = this.bounds(range);
    const after = Math.min(until, Math.max(from, this.lostTo));
    const items = Array.from({ length: Math.max(0, until - after) }, (_, index) => this.lineAt(after + index + 1));
    const [nextAfter, nextBefore] = [items.at(-1)?.seq ?? after, items[0]?.seq ?? after + 1];
    return { items, attempt: 1, lastSeq: this.lines, complete: this.isComplete, nextAfter, nextBefore };
  }
}

function line(seq: number): LogRow {
  return { seq, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text: `line ${seq}` };
}

/** Waits until the feed says so; fails the test by its time limit otherwise. */
async function until(feed: LogFeed, isReached: () => boolean): Promise<void> {
  if (isReached()) return;
  await new Promise<void>((resolve) => {
    const unsubscribe = feed.subscribe(() => {
      if (!isReached()) return;
      unsubscribe();
      resolve();
    });
  });
}

function expectUnbroken(feed: LogFeed, first: number, last: number): void {
  const seqs = feed.getSnapshot().window.rows.map((row) => row.seq);
  expect(seqs).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index));
}

async function started(server: FakeServer, anchorSeq: number | null = null): Promise<LogFeed> {
  const feed = new LogFeed(server.read, anchorSeq);
  feed.start();
  await until(feed, () => feed.getSnapshot().isLoaded);
  return feed;
}

const lastSeq = (feed: LogFeed): number => feed.getSnapshot().window.rows.at(-1)?.seq ?? 0;

describe('LogFeed', () => {
  test('begins with the tail and loads older lines until the first', async () => {
    const server = new FakeServer();
    server.lines = 5_200;
    const feed = await started(server);
    expectUnbroken(feed, 3_201, 5_200);
    await feed.readOlder();
    await feed.readOlder();
    expectUnbroken(feed, 1, 5_200);
    const asked = server.asked.length;
    await feed.readOlder();
    expect(server.asked).toHaveLength(asked);
  });

  test('hints that come faster than answers lead to each line once', async () => {
    const server = new FakeServer();
    server.lines = 10;
    const feed = await started(server);
    server.hold();
    for (let seq = 11; seq <= 40; seq += 1) {
      server.lines = seq;
      feed.grewTo(seq);
    }
    server.release();
    await until(feed, () => lastSeq(feed) === 40);
    expectUnbroken(feed, 1, 40);
    expect(server.asked.length).toBeLessThan(5);
  });

  test('lines that the server lost do not keep those behind them away', async () => {
    const server = new FakeServer();
    server.lines = 10;
    const feed = await started(server);
    Object.assign(server, { lines: 30, lostTo: 14 });
    feed.grewTo(30);
    await until(feed, () => lastSeq(feed) === 30);
    const seqs = feed.getSnapshot().window.rows.map(({ seq }) => seq);
    expect(seqs.slice(8, 12)).toEqual([9, 10, 15, 16]);
  });

  test('a failed read is shown and made up for from the same line', async () => {
    const server = new FakeServer();
    server.lines = 5;
    const feed = await started(server);
    server.lines = 9;
    server.failNext(1);
    feed.grewTo(9);
    await until(feed, () => feed.getSnapshot().problem !== null);
    expectUnbroken(feed, 1, 5);
    feed.readForward();
    await until(feed, () => lastSeq(feed) === 9);
    expectUnbroken(feed, 1, 9);
    expect(feed.getSnapshot().problem).toBeNull();
  });

  test('an answer that arrives after stop changes nothing, and start goes on', async () => {
    const server = new FakeServer();
    server.lines = 5;
    const feed = await started(server);
    server.lines = 8;
    server.hold();
    feed.grewTo(8);
    feed.stop();
    server.release();
    feed.start();
    await until(feed, () => lastSeq(feed) === 8);
    expectUnbroken(feed, 1, 8);
  });

  test('far behind it begins at the end again instead of reading everything between', async () => {
    const server = new FakeServer();
    server.lines = 5;
    const feed = await started(server);
    server.lines = 500_000;
    feed.grewTo(500_000);
    await until(feed, () => lastSeq(feed) === 500_000);
    expectUnbroken(feed, 498_001, 500_000);
    expect(server.asked).toHaveLength(3);
  });

  test('around a linked line it reads on only when asked, and jumps to the end', async () => {
    const server = new FakeServer();
    server.lines = 100_000;
    const feed = await started(server, 5_000);
    expectUnbroken(feed, 4_900, 6_899);
    feed.grewTo(100_001);
    expect(server.asked).toHaveLength(1);
    feed.readForward();
    await until(feed, () => lastSeq(feed) > 6_899);
    expectUnbroken(feed, 4_900, 8_899);
    feed.jumpToEnd();
    await until(feed, () => lastSeq(feed) === 100_000);
    expectUnbroken(feed, 98_001, 100_000);
  });

  test('goes to a line that is not loaded, and on from there', async () => {
    const server = new FakeServer();
    server.lines = 100_000;
    const feed = await started(server);
    feed.goTo(99_900);
    expect(server.asked).toHaveLength(1);
    feed.goTo(5_000);
    await until(feed, () => feed.getSnapshot().isLoaded);
    expectUnbroken(feed, 4_900, 6_899);
    feed.jumpToEnd();
    await until(feed, () => lastSeq(feed) === 100_000);
    expectUnbroken(feed, 98_001, 100_000);
  });

  test('reads lines anew that are loaded when some of them may have been left out since', async () => {
    const server = new FakeServer();
    server.lines = 1_500;
    const feed = await started(server);
    const { generation } = feed.getSnapshot();
    feed.goTo(1_000);
    expect([server.asked.length, feed.getSnapshot().generation]).toEqual([1, generation]);
    feed.goTo(1_000, true);
    await until(feed, () => feed.getSnapshot().isLoaded);
    expect(server.asked.at(-1)).toEqual({ after: 899, limit: 2_000 });
    expectUnbroken(feed, 900, 1_500);
  });

  test('who does not follow is told of new lines and keeps what is loaded', async () => {
    const server = new FakeServer();
    server.lines = 600;
    const feed = await started(server);
    feed.follow(false);
    server.lines = 900;
    feed.grewTo(900);
    expect(server.asked).toHaveLength(1);
    expect(feed.getSnapshot().lastSeq).toBe(900);
    server.lines = 950;
    server.isComplete = true;
    await feed.refresh();
    expect(feed.getSnapshot()).toMatchObject({ lastSeq: 950, isComplete: true });
    expectUnbroken(feed, 1, 600);
    feed.follow(true);
    await until(feed, () => lastSeq(feed) === 950);
    expectUnbroken(feed, 1, 950);
  });

  test('a folded step is one row, and nothing of it is read', async () => {
    const server = new FakeServer();
    server.lines = 100_000;
    const feed = await started(server, 90_000);
    feed.fold({ step: 0, firstSeq: 1_001, lastSeq: 95_000 });
    expect(feed.getSnapshot().window.rows.map((row) => row.seq)).toEqual([1_001]);
    server.asked.length = 0;
    await feed.readOlder();
    feed.follow(true);
    await until(feed, () => lastSeq(feed) === 100_000);
    expect(server.asked.slice(0, 2)).toEqual([
      { before: 1_001, limit: 2_000 },
      { after: 95_000, limit: 2_000 },
    ]);
    feed.goTo(50_000);
    await until(feed, () => feed.getSnapshot().isLoaded);
    expectUnbroken(feed, 49_900, 51_899);
    expect(feed.isFolded(0)).toBe(false);
  });

  test('colours that begin above the first line are there when it is first shown', async () => {
    const server = new FakeServer();
    server.lines = 100_000;
    server.redFrom = 49_000;
    const feed = new LogFeed(server.read, 50_000);
    const firstSeqs = new Set<number>();
    feed.subscribe(() => feed.getSnapshot().isLoaded && firstSeqs.add(feed.getSnapshot().window.firstSeq));
    feed.start();
    await until(feed, () => feed.getSnapshot().isLoaded);
    expect(feed.getSnapshot().window.rows.find((row) => row.seq === 50_000)?.pen?.colour).toBe('var(--ansi-red)');
    expect([...firstSeqs]).toEqual([47_900]);
  });

  test('above long lines it reads on in short pages', async () => {
    const server = new FakeServer();
    server.lines = 2_300;
    server.mostLinesAbove = 70;
    const feed = await started(server);
    await feed.readOlder();
    await feed.readOlder();
    expectUnbroken(feed, 161, 2_300);
  });

  test('a link to a line that does not exist shows the end', async () => {
    const server = new FakeServer();
    server.lines = 20;
    const feed = await started(server, 900);
    await until(feed, () => lastSeq(feed) === 20);
    expectUnbroken(feed, 1, 20);
  });

  test('a server that promises lines it does not give is not asked in a loop', async () => {
    const server = new FakeServer();
    const read: ReadLog = async (range, signal) => ({ ...(await server.read(range, signal)), items: [], lastSeq: 7 });
    const feed = new LogFeed(read, null);
    feed.start();
    await until(feed, () => feed.getSnapshot().isLoaded);
    await Promise.resolve();
    expect(server.asked).toHaveLength(1);
  });
});
