import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
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

test('no line is larger than an event may be, whatever JSON makes of it', async () => {
  const bytes = Buffer.alloc(64 * 1024, 1);
  void log.write(0, 'stdout', Buffer.concat([bytes, Buffer.from('\n')]));
  const all = await lines();
  expect(all.map(([, , , text]) => text).join('')).toBe(bytes.toString());
  for (const line of all) expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(200 * 1024);
});
