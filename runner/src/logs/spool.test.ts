import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Spool, type SpoolOptions } from './spool.js';

const ALL = { maxLines: Infinity, maxBytes: Infinity };
let folder: string;
let opened: Spool[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'dibs-spool-')), 'spool');
  opened = [];
});
afterEach(async () => {
  for (const spool of opened) await spool.close();
  rmSync(join(folder, '..'), { recursive: true });
});

async function open(options: SpoolOptions = {}): Promise<Spool> {
  const spool = await Spool.open(folder, options);
  opened.push(spool);
  return spool;
}

function line(number: number, extra = ''): WireLogLine {
  return [number, 0, 'o', `line ${number} ä€🦊 "\\\n${extra}`];
}

async function readAll(spool: Spool, from = spool.ackedSeq + 1): Promise<WireLogLine[]> {
  const lines: WireLogLine[] = [];
  for (let seq = from; seq <= spool.readableSeq; seq = from + lines.length) {
    const batch = await spool.read(seq, { maxLines: 7, maxBytes: 1_000 });
    expect(batch.firstSeq).toBe(seq);
    expect(batch.lines.length).toBeGreaterThan(0);
    lines.push(...batch.lines);
  }
  return lines;
}

function fill(spool: Spool, from: number, to: number, extra = ''): WireLogLine[] {
  const lines = Array.from({ length: to - from + 1 }, (_, i) => line(from + i, extra));
  expect(lines.map((each) => spool.append(each))).toEqual(lines.map((_, i) => from + i));
  return lines;
}

test('numbers from 1, reads what it wrote, also after a new start', async () => {
  const spool = await open();
  expect([spool.lastSeq, spool.readableSeq]).toEqual([0, 0]);
  const lines = fill(spool, 1, 100);
  expect(spool.lastSeq).toBe(100);
  await spool.flushed();
  expect(await readAll(spool)).toEqual(lines);
  const again = await open();
  expect([again.lastSeq, again.readableSeq]).toEqual([100, 100]);
  expect(await readAll(again)).toEqual(lines);
  lines.push(...fill(again, 101, 120));
  await again.flushed();
  expect(await readAll(again)).toEqual(lines);
  expect(await again.read(121, ALL)).toEqual({ firstSeq: 121, lines: [] });
});

test('respects both limits, but always gives one line', async () => {
  const spool = await open();
  fill(spool, 1, 50);
  await spool.flushed();
  const check = async (from: Spool) => {
    expect((await from.read(1, { maxLines: 3, maxBytes: 1e6 })).lines).toHaveLength(3);
    expect((await from.read(10, { maxLines: 30, maxBytes: 100 })).lines).toHaveLength(2);
    expect((await from.read(10, { maxLines: 30, maxBytes: 1 })).lines).toEqual([line(10)]);
    expect((await from.read(50, ALL)).lines).toEqual([line(50)]);
  };
  await check(spool); // from memory
  await check(await open()); // from the file
});

test('a line can be read only once it is in the file', async () => {
  const spool = await open();
  fill(spool, 1, 5);
  expect(spool.readableSeq).toBe(0);
  await new Promise<void>((resolve) => (spool.onReadable = resolve));
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(files.join('').split('\n').length - 1).toBeGreaterThanOrEqual(spool.readableSeq);
  expect(spool.readableSeq).toBe(5);
});

test('torn at every byte: keeps the complete lines and goes on with the right number', async () => {
  const spool = await open();
  const lines = fill(spool, 1, 6);
  await spool.close();
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const copy = join(folder, '..', 'copy');
  copyFileSync(file, copy);
  const bytes = readFileSync(file);
  const size = statSync(file).size;
  for (let cut = 0; cut <= size; cut++) {
    copyFileSync(copy, file);
    truncateSync(file, cut);
    const torn = await Spool.open(folder);
    const complete = bytes.subarray(0, cut).filter((byte) => byte === 10).length;
    expect(torn.lastSeq).toBe(complete);
    expect(torn.append(line(99))).toBe(complete + 1);
    await torn.flushed();
    expect(await readAll(torn)).toEqual([...lines.slice(0, complete), line(99)]);
    await torn.close();
    const reread = await Spool.open(folder);
    expect(await readAll(reread)).toEqual([...lines.slice(0, complete), line(99)]);
    await reread.close();
  }
});

test('zeros or rubbish at the end (host crash) are cut off', async () => {
  for (const rubbish of ['\0\0\0\0\n\0\0', 'rubbish\n{"a":1}\n', '[1,2]\n']) {
    const spool = await open();
    const before = spool.lastSeq;
    spool.append(line(before + 1));
    await spool.close();
    appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), rubbish);
    const again = await open();
    expect(again.lastSeq).toBe(before + 1);
    await again.close();
  }
});

describe('a disk that changes what was written', () => {
  /** What was written, read by who wrote it (from the file: the lines are too many for its memory) and by who comes later. */
  async function readBoth(change: (file: Buffer) => Buffer): Promise<WireLogLine[][]> {
    const spool = await open();
    fill(spool, 1, LINES, PADDING);
    await spool.flushed();
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, change(readFileSync(file)));
    const there = await readAll(spool, 1);
    return [there, await readAll(await open(), 1)];
  }

  const LINES = 40;
  const PADDING = 'x'.repeat(64_000);
  const numbersOf = (lines: readonly WireLogLine[]) => lines.map(([number, , , , gap]) => (gap ? 'gap' : number));
  const allBut = (...gaps: readonly number[]) =>
    Array.from({ length: LINES }, (_, index) => (gaps.includes(index + 1) ? 'gap' : index + 1));
  const startOf = (file: Buffer, seq: number): number => file.indexOf(`\n${seq} `) + 1;

  test('one character of a text: a record stands for its line, and the others keep their numbers', async () => {
    const lines = await readBoth((file) => {
      file[startOf(file, 7) + 1_000] = 'y'.charCodeAt(0);
      return file;
    });
    expect(lines.map(numbersOf)).toEqual([allBut(7), allBut(7)]);
    const text = 'A line was damaged on the disk of the runner.';
    expect(lines[1]![6]).toEqual([8, 0, 's', text, { lines: 1, reason: 'spool_lost' }]);
  });

  test('a line end, or lines that are gone', async () => {
    const joined = await readBoth((file) => {
      file[startOf(file, 8) - 1] = 0;
      return file;
    });
    expect(joined.map(numbersOf)).toEqual([allBut(7, 8), allBut(7, 8)]);
    rmSync(folder, { recursive: true });
    const zeroed = await readBoth((file) => file.fill(0, startOf(file, 3) + 5, startOf(file, 6) + 5));
    expect(zeroed.map(numbersOf)).toEqual([allBut(3, 4, 5, 6), allBut(3, 4, 5, 6)]);
  });

  test('the end: who comes later goes on there', async () => {
    const [there, later] = await readBoth((file) => file.fill(0, startOf(file, LINES) + 5));
    expect(numbersOf(there!)).toEqual(allBut());
    expect(numbersOf(later!)).toEqual(allBut().slice(0, -1));
  });

  test('a line of another number is none', async () => {
    const lines = await readBoth((file) => {
      const [from, to] = [startOf(file, 10), startOf(file, 11)];
      return Buffer.concat([file.subarray(0, to), file.subarray(from, to), file.subarray(to)]);
    });
    expect(numbersOf(lines[1]!)).toEqual(allBut());
  });
});

test('what an older runner wrote, without checksums, is read', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '000000000001.jsonl'), `${JSON.stringify(line(1))}\n${JSON.stringify(line(2))}\n`);
  const spool = await open();
  fill(spool, 3, 4);
  await spool.flushed();
  expect(await readAll(await open())).toEqual([line(1), line(2), line(3), line(4)]);
});

describe('acknowledging', () => {
  test('frees files, and the numbers survive a new start', async () => {
    const spool = await open({ segmentBytes: 2_000 });
    for (let from = 1; from <= 191; from += 10) {
      fill(spool, from, from + 9);
      await spool.flushed();
    }
    const before = readdirSync(folder).length;
    expect(before).toBeGreaterThan(3);
    const bytes = spool.bytesUnacked;
    spool.acked(150);
    spool.acked(20);
    expect(spool.ackedSeq).toBe(150);
    expect(spool.bytesUnacked).toBeLessThan(bytes);
    spool.acked(200);
    expect(spool.bytesUnacked).toBe(0);
    await spool.close();
    expect(readdirSync(folder)).toHaveLength(1);
    const again = await open();
    expect(again.lastSeq).toBe(200);
    expect(again.append(line(201))).toBe(201);
  });

  test('of more than the spool has: numbers go on after it, with a gap record, and keep the new lines', async () => {
    const first = await open();
    fill(first, 1, 10);
    await first.close();
    const spool = await open();
    spool.append(line(77)); // "the runner was restarted", before the server was asked
    spool.acked(150);
    expect(spool.ackedSeq).toBe(150);
    expect(spool.lastSeq).toBe(152);
    await spool.flushed();
    const { firstSeq, lines } = await spool.read(151, ALL);
    expect(firstSeq).toBe(151);
    expect(lines[0]?.[4]).toEqual({ lines: null, reason: 'spool_lost' });
    expect(lines[1]).toEqual(line(77));
    const again = await open();
    expect(again.lastSeq).toBe(152);
  });

  test('the same while a write is on its way', async () => {
    const spool = await open();
    spool.append(line(1));
    await Promise.resolve();
    spool.acked(40);
    await spool.flushed();
    expect((await spool.read(41, ALL)).lines.map((each) => each[4] ?? each[3])).toEqual([
      { lines: null, reason: 'spool_lost' },
      line(1)[3],
    ]);
  });
});

test('damage before the last file is told as a gap', async () => {
  const spool = await open({ segmentBytes: 500 });
  for (let seq = 1; seq <= 30; seq++) {
    spool.append(line(seq));
    await spool.flushed();
  }
  await spool.close();
  const [first = ''] = readdirSync(folder).sort();
  truncateSync(join(folder, first), 60);
  const again = await open();
  await again.flushed();
  const lines = await readAll(again, 1);
  expect(lines.at(-1)?.[4]).toEqual({ lines: null, reason: 'spool_lost' });
  expect(lines.slice(0, -1)).toEqual([line(1)]);
});

test('holds writers back at the limit, until the server has taken enough', async () => {
  const spool = await open({ maxUnackedBytes: 200_000 });
  expect(spool.pressure()).toBeUndefined();
  for (let seq = 1; seq <= 300; seq++) spool.append(line(seq, 'x'.repeat(1_000)));
  let free = false;
  const pressure = spool.pressure()?.then(() => (free = true));
  expect(pressure).toBeDefined();
  await spool.flushed();
  await delay(20);
  expect(free).toBe(false);
  spool.acked(50);
  await Promise.resolve();
  expect(free).toBe(false);
  spool.acked(250);
  await pressure;
  expect(spool.pressure()).toBeUndefined();
});

describe('a disk that refuses', () => {
  const blocked = async () => {
    const spool = await open({ retryMs: 5, diskPatienceMs: 40 });
    // A folder in the place of the file: works for root too, unlike permissions.
    mkdirSync(join(folder, '000000000001.jsonl'));
    return spool;
  };

  test('loses nothing: says so, ships from memory after a while, goes on when it can', async () => {
    const spool = await blocked();
    const lines = fill(spool, 1, 20);
    await readable(spool, 20);
    expect(spool.trouble).toMatchObject({ code: 'EISDIR' });
    expect((await spool.read(1, ALL)).lines).toEqual(lines);
    spool.acked(8);
    rmSync(join(folder, '000000000001.jsonl'), { recursive: true });
    await spool.flushed();
    expect(spool.trouble).toBeNull();
    expect(await readAll(spool)).toEqual(lines.slice(8));
    const again = await open();
    expect(again.lastSeq).toBe(20);
  });

  test('does not keep it from closing', async () => {
    const spool = await blocked();
    fill(spool, 1, 3);
    await spool.close();
  });

  test('holds writers back', async () => {
    const spool = await blocked();
    for (let seq = 1; seq <= 20; seq++) spool.append(line(seq, 'x'.repeat(64_000)));
    expect(spool.pressure()).toBeDefined();
    await readable(spool, 20);
    const pressure = spool.pressure();
    spool.acked(20);
    await pressure;
  });
});

test('a folder that cannot be used is told when opening', async () => {
  writeFileSync(folder, 'not a folder');
  await expect(Spool.open(folder)).rejects.toThrow(/EEXIST|ENOTDIR/);
});

test('is for the owner only, and disappears when disposed of', async () => {
  const spool = await open();
  fill(spool, 1, 3);
  await spool.flushed();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, readdirSync(folder)[0] ?? '')).mode & 0o777).toBe(0o600);
  await spool.dispose();
  expect(() => statSync(folder)).toThrow('ENOENT');
  expect(spool.append(line(4))).toBe(3);
});

test('100,000 lines stay cheap in memory and come back from the disk', async () => {
  const spool = await open({ segmentBytes: 1_000_000 });
  for (let seq = 1; seq <= 100_000; seq++) {
    spool.append([seq, 0, 'o', `line ${seq}`]);
    if (seq % 500 === 0) await spool.pressure();
  }
  await spool.flushed();
  let next = 1;
  while (next <= 100_000) {
    const { lines } = await spool.read(next, { maxLines: 500, maxBytes: 256_000 });
    expect(lines.map(([number]) => number)).toEqual(lines.map((_, i) => next + i));
    next += lines.length;
    spool.acked(next - 1);
  }
});

async function readable(spool: Spool, seq: number): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (spool.readableSeq < seq) {
    if (performance.now() > giveUpAt) throw new Error('waited in vain');
    await delay(5);
  }
}
