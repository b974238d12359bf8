import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileArchives } from '../../../shared/test/hostile-archives.js';
import { tar, tarGz, zip, type MadeEntry } from '../../../shared/test/make-archive.js';
import { fetchArchiveSource } from './archive-source.js';

let base: string;
let dir: string;
let output: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'dibs-archive-'));
  dir = join(base, 'a/b/work');
  mkdirSync(dir, { recursive: true });
  output = [];
});
afterEach(() => rmSync(base, { recursive: true }));

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function unpack(
  bytes: Buffer,
  { sha256 = sha256Of(bytes), signal = new AbortController().signal } = {},
): Promise<void> {
  return fetchArchiveSource({
    source: { type: 'archive', sha256, path: null },
    dir,
    fetchArchive: () => Promise.resolve(bytes),
    onOutput: (line) => void output.push(line),
    signal,
  });
}

const GOOD: readonly MadeEntry[] = [
  { name: './', type: '5', mode: 0o777 },
  { name: 'current', type: '2', link: 'modules/net' },
  { name: 'modules/net/main.tf', content: 'x'.repeat(200_000) },
  { name: 'modules/net/up.tf', type: '2', link: '../../run.sh' },
  { name: 'run.sh', content: '#!/bin/sh', mode: 0o777 },
  { name: 'empty/', type: '5' },
  { name: 'nothing.txt', content: '' },
];

describe('an archive', () => {
  test.each([
    ['tar', tar],
    ['tar.gz', tarGz],
    ['zip', zip],
  ] as const)('as %s is unpacked', async (_format, make) => {
    const bytes = make(GOOD);
    await unpack(bytes);
    expect(readFileSync(join(dir, 'modules/net/main.tf'), 'utf8')).toBe('x'.repeat(200_000));
    expect(readlinkSync(join(dir, 'current'))).toBe('modules/net');
    expect(readFileSync(join(dir, 'current/up.tf'), 'utf8')).toBe('#!/bin/sh');
    // no more than whoever runs the job needs, whatever the archive says
    expect(lstatSync(join(dir, 'run.sh')).mode & 0o7777).toBe(0o700);
    expect(lstatSync(join(dir, 'nothing.txt')).mode & 0o7777).toBe(0o600);
    expect(readdirSync(join(dir, 'empty'))).toEqual([]);
    expect(output).toEqual([`Unpacked 3 files of the archive ${sha256Of(bytes)}`]);
  });

  test.each(hostileArchives())('%s is refused before anything is written', async (_what, make, why) => {
    await expect(unpack(make())).rejects.toThrow(why);
    expect(readdirSync(base, { recursive: true })).toEqual(['a', 'a/b', 'a/b/work']);
    expect(output).toEqual([]);
  });

  test('is refused when good entries come before the bad one', async () => {
    for (const make of [tarGz, zip]) await expect(unpack(make([...GOOD, { name: '../x' }]))).rejects.toThrow('".."');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('with other bytes than were asked for is refused', async () => {
    await expect(unpack(tar(GOOD), { sha256: 'a'.repeat(64) })).rejects.toThrow(
      `other bytes than the archive ${'a'.repeat(64)}`,
    );
    expect(readdirSync(dir)).toEqual([]);
  });

  test('is left when the job is canceled', async () => {
    const abort = new AbortController();
    abort.abort(new Error('canceled'));
    for (const make of [tarGz, zip]) {
      await expect(unpack(make(GOOD), { signal: abort.signal })).rejects.toThrow('canceled');
    }
    expect(readdirSync(dir)).toEqual([]);
  });
});
