import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LogReply, Refusal, WireLogLine } from '@dibs/shared';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogShipper, type LogShipperTiming } from './log-shipper.js';
import { type LineBatch, Spool } from './spool.js';

const LIMITS = { maxEventBytes: 256 * 1024, maxBatchLines: 500 };
const FAST: LogShipperTiming = { periodWatchedMs: 5, periodIdleMs: 5, retryMs: 5 };

/** Keeps the server's promise: append, duplicate or gap. Each test scripts what becomes of a request and its reply. */
class Store {
  readonly lines: WireLogLine[] = [];
  readonly batches: LineBatch[] = [];

  receive({ firstSeq, lines }: LineBatch): LogReply {
    this.batches.push({ firstSeq, lines });
    if (firstSeq > this.lines.length + 1) {
      return { ...refusal('E_GAP', true), ackedSeq: this.lines.length };
    }
    this.lines.push(...lines.slice(this.lines.length + 1 - firstSeq));
    return { ok: true, ackedSeq: this.lines.length };
  }
}

function refusal(code: Refusal['code'], retryable: boolean): Refusal {
  return { ok: false, code, message: '', retryable };
}

let spool: Spool;
let store: Store;
let shipper: LogShipper;
let refusals: Refusal[];
beforeEach(async () => {
  spool = await Spool.open(mkdtempSync(join(tmpdir(), 'dibs-ship-')));
  store = new Store();
  refusals = [];
});
afterEach(async () => {
  shipper.stop();
  await spool.dispose();
});

function start(send: (batch: LineBatch) => Promise<LogReply>, timing = FAST): LogShipper {
  shipper = new LogShipper({
    spool,
    send,
    timing,
    batchBytes: () => Infinity,
    onRefused: (refused) => refusals.push(refused),
  });
  return shipper;
}

function line(number: number): WireLogLine {
  return [0, 0, 'o', `line ${number}`];
}

function append(from: number, to: number): void {
  for (let number = from; number <= to; number++) spool.append(line(number));
}

function expectStored(count: number): void {
  expect(store.lines).toEqual(Array.from({ length: count }, (_, i) => line(i + 1)));
}

test('sends nothing before the link is up, and everything then', async () => {
  start((batch) => Promise.resolve(store.receive(batch)));
  append(1, 10);
  await spool.flushed();
  await delay(20);
  expect(store.batches).toEqual([]);
  shipper.resume(0, LIMITS);
  expect(await shipper.drained()).toBe(true);
  expectStored(10);
});

test('an empty log is drained at once', async () => {
  start(() => Promise.reject(new Error('never')));
  expect(await shipper.drained()).toBe(true);
});

test('the first line leaves at once, the next wait for the period, a full batch does not', async () => {
  start((batch) => Promise.resolve(store.receive(batch)), {
    periodWatchedMs: 60_000,
    periodIdleMs: 60_000,
    retryMs: 5,
  });
  shipper.resume(0, LIMITS);
  append(1, 1);
  await until(() => store.lines.length === 1);
  append(2, 400);
  await spool.flushed();
  await delay(30);
  expect(store.lines.length).toBe(1);
  append(401, 600);
  await until(() => store.lines.length >= 501);
  await spool.flushed();
  const before = store.lines.length;
  append(601, 601);
  for (let i = 0; i < 3; i++) spool.append([0, 0, 'o', 'x'.repeat(30_000)]);
  await until(() => store.lines.length === 604 && before < 604);
});

test('a watched log is shipped by its own, shorter period', async () => {
  start((batch) => Promise.resolve(store.receive(batch)), { periodWatchedMs: 10, periodIdleMs: 60_000, retryMs: 5 });
  shipper.resume(0, LIMITS);
  append(1, 1);
  await until(() => store.lines.length === 1);
  append(2, 2);
  await spool.flushed();
  await delay(30);
  expect(store.lines.length).toBe(1);
  shipper.watched(true);
  await until(() => store.lines.length === 2);
});

test('at most four batches are on their way, in order', async () => {
  const replies: (() => void)[] = [];
  start((batch) => new Promise((resolve) => replies.push(() => resolve(store.receive(batch)))));
  append(1, 5_000);
  await spool.flushed();
  shipper.resume(0, LIMITS);
  const drained = shipper.drained();
  await until(() => replies.length === 4);
  await delay(20);
  expect(replies.length).toBe(4);
  replies.shift()?.();
  await until(() => replies.length === 4);
  const timer = setInterval(() => replies.shift()?.(), 1);
  expect(await drained).toBe(true);
  clearInterval(timer);
  expectStored(5_000);
  expect(store.batches.reduce((lines, batch) => lines + batch.lines.length, 0)).toBe(5_000);
});

test('an event is never larger than the limit', async () => {
  start((batch) => Promise.resolve(store.receive(batch)));
  for (let i = 0; i < 200; i++) spool.append([0, 0, 'o', `${i}`.padEnd(10_000, 'ä')]);
  shipper.resume(0, { maxEventBytes: 64 * 1024, maxBatchLines: 500 });
  await shipper.drained();
  expect(store.lines.length).toBe(200);
  for (const batch of store.batches) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(64 * 1024);
});

describe('trouble', () => {
  test.each([1, 2, 3, 4, 5])('lossy link %i: 10,000 lines are stored once and in order', async (round) => {
    let seed = round * 7_919;
    const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    const oneOfEach = [0.05, 0.15, 0.22, 0.27];
    const faults = { requestLost: 0, replyLost: 0, busy: 0, cut: 0 };
    start(async (batch) => {
      await delay(random() * 3);
      // each fault once for sure, then as it comes: how many batches there are depends on timing
      const chance = oneOfEach.shift() ?? random();
      if (chance < 0.1) {
        faults.requestLost++;
        throw new Error('request lost');
      }
      if (chance < 0.2) {
        faults.replyLost++;
        store.receive(batch);
        throw new Error('reply lost');
      }
      if (chance < 0.25) {
        faults.busy++;
        return { ...refusal('E_UNAVAILABLE', true), retryAfterMs: 3 };
      }
      if (chance < 0.3) {
        faults.cut++;
        shipper.pause();
        setTimeout(() => shipper.resume(store.lines.length, LIMITS), 2);
        throw new Error('cut');
      }
      return store.receive(batch);
    });
    shipper.resume(0, { ...LIMITS, maxBatchLines: 50 });
    for (let number = 1; number <= 10_000; number++) {
      spool.append(line(number));
      if (random() < 0.01) await delay(0);
    }
    expect(await shipper.drained()).toBe(true);
    expectStored(10_000);
    expect(spool.ackedSeq).toBe(10_000);
    expect(Object.values(faults).every((count) => count > 0)).toBe(true);
    expect(refusals).toEqual([]);
  });

  test('a gap leads back to the line after the last stored one', async () => {
    let lose = true;
    start((batch) => {
      if (batch.firstSeq === 11 && lose) {
        lose = false;
        return new Promise(() => undefined); // neither stored nor answered
      }
      return Promise.resolve(store.receive(batch));
    });
    append(1, 100);
    await spool.flushed();
    shipper.resume(0, { ...LIMITS, maxBatchLines: 10 });
    expect(await shipper.drained()).toBe(true);
    expectStored(100);
  });

  test('goes on from what the server has after a reconnect', async () => {
    start((batch) => Promise.resolve(store.receive(batch)));
    append(1, 50);
    await spool.flushed();
    for (const number of [1, 2, 3]) store.lines.push(line(number));
    shipper.resume(3, LIMITS);
    await shipper.drained();
    expect(store.batches[0]?.firstSeq).toBe(4);
    expectStored(50);
  });

  test('a fence stops it once and for all', async () => {
    start(() => Promise.resolve(refusal('E_FENCED', false)));
    append(1, 2_000);
    await spool.flushed();
    shipper.resume(0, LIMITS);
    expect(await shipper.drained()).toBe(false);
    await delay(20);
    expect(refusals).toEqual([refusal('E_FENCED', false)]);
    shipper.resume(0, LIMITS);
    expect(await shipper.drained()).toBe(false);
    expect(refusals).toHaveLength(1);
  });

  test('a batch that is too large is halved until it fits', async () => {
    start((batch) => Promise.resolve(batch.lines.length > 3 ? refusal('E_TOO_LARGE', false) : store.receive(batch)));
    append(1, 40);
    await spool.flushed();
    shipper.resume(0, LIMITS);
    expect(await shipper.drained()).toBe(true);
    expectStored(40);
    expect(refusals).toEqual([]);
  });

  test('a server that keeps refusing is not hammered', async () => {
    const atMs: number[] = [];
    start(() => {
      atMs.push(performance.now());
      return Promise.resolve({ ...refusal('E_UNAVAILABLE', true), retryAfterMs: 40 });
    });
    append(1, 10);
    shipper.resume(0, LIMITS);
    await until(() => atMs.length === 4);
    // a timer may be early by the fraction of a millisecond that it is rounded by
    for (const [index, at] of atMs.slice(1).entries()) expect(at - atMs[index]!).toBeGreaterThan(38);
  });

  test('stop lets a waiting drain go', async () => {
    start(() => new Promise(() => undefined));
    append(1, 10);
    shipper.resume(0, LIMITS);
    const drained = shipper.drained();
    await spool.flushed();
    shipper.stop();
    expect(await drained).toBe(false);
  });
});

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('waited in vain');
    await delay(2);
  }
}

test('an older server gets lines that are drawn anew as lines like any other', async () => {
  const redrawn: WireLogLine[] = [
    [0, 0, 'O', '10%'],
    [0, 0, 'E', '20%'],
  ];
  for (const each of redrawn) spool.append(each);
  start((batch) => Promise.resolve(store.receive(batch))).resume(0, LIMITS);
  expect(await shipper.drained()).toBe(true);
  expect(store.lines.map(([, , stream]) => stream)).toEqual(['o', 'e']);
  spool.append(redrawn[0]!);
  shipper.resume(2, { ...LIMITS, logRedraws: true });
  expect(await shipper.drained()).toBe(true);
  expect(store.lines.at(-1)).toEqual(redrawn[0]);
});
