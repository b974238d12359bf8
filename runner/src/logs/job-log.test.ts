import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MAX_LINE_BYTES, type WireLogLine } from '@dibs/shared';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobLog } from './job-log.js';
import { Spool } from './spool.js';

let folder: string;
let spool: Spool;
let log: JobLog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dibs-log-'));
  spool = await Spool.open(folder);
  log = new JobLog({ spool, secrets: { TOKEN: 'hunter2!' }, now: () => 1_000 });
});
afterEach(async () => {
  await spool.dispose();
});

async function lines(): Promise<readonly WireLogLine[]> {
  await spool.flushed();
  return (await spool.read(1, { maxLines: Infinity, maxBytes: Infinity })).lines;
}

test('keeps the streams apart and in order of arrival', async () => {
  log.system(-1, 'preparing\ntwo lines');
  void log.write(0, 'stdout', Buffer.from('out 1\nunfinis'));
  void log.write(0, 'stderr', Buffer.from('err 1\nalso un'));
  void log.write(0, 'stdout', Buffer.from('hed\n'));
  log.end(0);
  void log.write(1, 'stdout', Buffer.from('no line end'));
  expect(log.lastSeq).toBe(6);
  log.end(1);
  log.end(1);
  expect(await lines()).toEqual([
    [1000, -1, 's', 'preparing'],
    [1000, -1, 's', 'two lines'],
    [1000, 0, 'o', 'out 1'],
    [1000, 0, 'e', 'err 1'],
    [1000, 0, 'o', 'unfinished'],
    [1000, 0, 'e', 'also un'],
    [1000, 1, 'o', 'no line end'],
  ]);
});

test('a secret written in pieces is masked before it reaches the disk', async () => {
  void log.write(0, 'stdout', Buffer.from('the token is hun'));
  void log.write(0, 'stdout', Buffer.from('ter2!, really\n'));
  log.system(0, 'git said hunter2!');
  expect((await lines()).map(([, , , text]) => text)).toEqual(['the token is ***, really', 'git said ***']);
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain('hunter2!');
});

test('a secret of several lines, and one at the cut of an over-long line, never reach the disk', async () => {
  const key = '-----BEGIN KEY-----\nabcdefgh\nxy\n-----END KEY-----';
  log = new JobLog({ spool, secrets: { KEY: key, TOKEN: 'hunter2!' }, now: () => 1_000 });
  for (const byte of Buffer.from(`${key}\n`)) void log.write(0, 'stdout', Buffer.from([byte]));
  void log.write(0, 'stderr', Buffer.from(`${'x'.repeat(MAX_LINE_BYTES - 4)}hunter2!xx\n`));
  const texts = (await lines()).map(([, , , text]) => text);
  expect(texts).toEqual(['***', '***', '***', '***', `${'x'.repeat(MAX_LINE_BYTES - 4)}***x`, 'x']);
});

test('what is held back when a step ends is shown', async () => {
  void log.write(0, 'stdout', Buffer.from('x\nhunter2'));
  void log.write(0, 'stderr', Buffer.from('  ::add-ma'));
  log.end(0);
  expect((await lines()).map(([, , , text]) => text)).toEqual(['x', 'hunter2', '  ::add-ma']);
});

test('a step registers values for the rest of the job and for both streams, and is told what is wrong with them', async () => {
  const write = (step: number, stream: 'stdout' | 'stderr', text: string) =>
    void log.write(step, stream, Buffer.from(text));
  write(0, 'stdout', 'swordfish\n::add-mask::swordfish\nswordfish\n::add-mask::abc\n::add-mask::xyz\nabc\n');
  write(0, 'stderr', 'c3dvcmRmaXNo swordfish\n');
  write(0, 'stdout', '::add-mask::one line%0Aanother');
  log.end(0);
  write(1, 'stdout', `another ::add-mask::swordfish\n::add-mask::${'x'.repeat(70_000)}\n`);
  expect((await lines()).map(([, step, stream, text]) => `${step} ${stream} ${text}`)).toEqual([
    '0 o swordfish',
    '0 o ***',
    '0 s A value of ::add-mask:: has fewer than 4 characters and is not masked.',
    '0 o abc',
    '0 e *** ***',
    '1 o *** ::add-mask::***',
    '1 s A line with ::add-mask:: was too long (64 KiB): it is not shown, and its value is not masked.',
  ]);
});

test('a step cannot register without end', async () => {
  const commands = Array.from({ length: 1_002 }, (_, i) => `::add-mask::value-${i}\n::add-mask::value-0\n`).join('');
  void log.write(0, 'stdout', Buffer.from(`${commands}<value-999> <value-1001>\n`));
  const texts = (await lines()).map(([, , , text]) => text);
  // a value that begins like a shorter one
  expect(texts).toEqual([expect.stringMatching(/^More than 1000 values or 256 KiB/), '<***> <***1>']);
});

test('a secret that cannot be masked is told', async () => {
  new JobLog({ spool, secrets: { PIN: '123', EMPTY: '', TOKEN: 'hunter2!' }, now: () => 1_000 });
  expect(await lines()).toEqual([[1000, -1, 's', 'The secret PIN has fewer than 4 characters and is not masked.']]);
});

test('no line is larger than an event may be, whatever JSON makes of it', async () => {
  const bytes = Buffer.alloc(64 * 1024, 1);
  void log.write(0, 'stdout', Buffer.concat([bytes, Buffer.from('\n')]));
  const all = await lines();
  expect(all.map(([, , , text]) => text).join('')).toBe(bytes.toString());
  for (const line of all) expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(200 * 1024);
});

test('a line that is drawn anew is shown as it stands now and then, without its secrets', async () => {
  log = new JobLog({ spool, secrets: { TOKEN: 'hunter2!' }, now: () => 1_000, lookEveryMs: 1 });
  const shown = (seq: number) => until(() => log.lastSeq >= seq);
  void log.write(0, 'stdout', Buffer.from('10% of hunter2!\r'));
  await shown(1);
  void log.write(0, 'stdout', Buffer.from('20% of hunt'));
  await shown(2);
  void log.write(0, 'stderr', Buffer.from('a warning\n'));
  void log.write(0, 'stdout', Buffer.from('er2!\rdone\nnext\n'));
  log.end(0);
  expect(await lines()).toEqual([
    [1000, 0, 'O', '10% of ***'],
    [1000, 0, 'O', '20% of '],
    [1000, 0, 'e', 'a warning'],
    [1000, 0, 'o', 'done'],
    [1000, 0, 'o', 'next'],
  ]);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('a job that prints without end is held back', async () => {
  const chunk = Buffer.from('a line of a flood\n'.repeat(3_000));
  let pause: Promise<void> | undefined;
  while (!pause && log.lastSeq < 3_000_000) {
    pause = log.write(0, 'stdout', chunk);
    await spool.flushed();
    spool.acked(spool.lastSeq);
  }
  expect(pause).toBeDefined();
  expect(spool.pressure()).toBeUndefined();
  await pause;
});
