import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { eventually } from '../../test/support/eventually.js';
import { PreparedPaths, type PreparedPathsOptions } from './prepared-paths.js';

type Kind = 'file' | 'folder';

let base: string;
let folder: string;
const opened: PreparedPaths<Kind>[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'dibs-paths-'));
  folder = join(base, 'prepared');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((paths) => paths.close()));
  rmSync(base, { recursive: true });
});

const makers = {
  file: (path: string) => writeFileSync(path, '', { mode: 0o600, flag: 'wx' }),
  folder: (path: string) => mkdirSync(path, { mode: 0o700 }),
};

function open(options: Partial<PreparedPathsOptions<Kind>> = {}): PreparedPaths<Kind> {
  const paths = new PreparedPaths<Kind>({ folder, count: 2, makers, log: pino({ level: 'silent' }), ...options });
  opened.push(paths);
  paths.open();
  return paths;
}

async function openFull(): Promise<PreparedPaths<Kind>> {
  const paths = open();
  await eventually('what is prepared', () => paths.size('file') === 2 && paths.size('folder') === 2);
  return paths;
}

test('are moved to where they are needed, and made anew afterwards', async () => {
  const paths = await openFull();
  expect(readdirSync(folder)).toHaveLength(4);
  expect(paths.place('file', join(base, 'a.json'), '{"a":1}')).toBe(true);
  expect(paths.place('folder', join(base, 'a'))).toBe(true);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readFileSync(join(base, 'a.json'), 'utf8')).toBe('{"a":1}');
  expect(statSync(join(base, 'a.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(base, 'a'))).toEqual([]);
  await eventually('what is prepared', () => paths.size('file') === 2 && paths.size('folder') === 2);
});

test('none is made before nobody has taken one for a moment', async () => {
  const paths = await openFull();
  for (const name of ['a', 'b']) expect(paths.place('file', join(base, name), name)).toBe(true);
  expect(paths.place('file', join(base, 'c'), 'c')).toBe(false);
  expect(existsSync(join(base, 'c'))).toBe(false);
});

test('what is in the way stays, and so does what is missing', async () => {
  const paths = await openFull();
  mkdirSync(join(base, 'full/of'), { recursive: true });
  expect(paths.place('folder', join(base, 'full'))).toBe(false);
  expect(readdirSync(join(base, 'full'))).toEqual(['of']);
  expect(paths.place('file', join(base, 'full'), 'text')).toBe(false);
  expect(paths.place('folder', join(base, 'missing/a'))).toBe(false);
  expect(readdirSync(base).sort()).toEqual(['full', 'prepared']);
});

test('a file that somebody has written into is not used', async () => {
  const paths = await openFull();
  for (const name of readdirSync(folder))
    if (name.startsWith('file')) writeFileSync(join(folder, name), 'longer than it');
  expect(paths.place('file', join(base, 'a'), 'text')).toBe(false);
  expect(existsSync(join(base, 'a'))).toBe(false);
});

test('those that were removed are not used', async () => {
  const paths = await openFull();
  rmSync(folder, { recursive: true });
  expect(paths.place('file', join(base, 'a'), 'text')).toBe(false);
  expect(paths.place('folder', join(base, 'b'))).toBe(false);
  expect(readdirSync(base)).toEqual([]);
});

test('what an earlier process left is removed, and nothing is left after the end', async () => {
  mkdirSync(join(folder, 'file-1/of'), { recursive: true });
  const paths = await openFull();
  expect(paths.place('file', join(base, 'a'), 'text')).toBe(true);
  await paths.close();
  expect(paths.place('file', join(base, 'b'), 'text')).toBe(false);
  await delay(20);
  expect(readdirSync(base)).toEqual(['a']);
});

test('a disk that has no place is no error', async () => {
  writeFileSync(join(base, 'file'), '');
  const paths = open({ folder: join(base, 'file', 'prepared') });
  expect(paths.place('file', join(base, 'a'), 'text')).toBe(false);
  const full = open({
    makers: {
      ...makers,
      folder: (path: string) => {
        mkdirSync(join(path, 'part'), { recursive: true });
        throw new Error('ENOSPC');
      },
    },
  });
  await eventually('what is prepared', () => full.size('file') === 1);
  expect(full.place('folder', join(base, 'a'))).toBe(false);
  await eventually('what is prepared', () => readdirSync(folder).every((name) => name.startsWith('file')));
});

const OTHER_DISK = '/dev/shm';
const isOther = existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(tmpdir()).dev;

(isOther ? test : test.skip)('what is wanted on another disk is prepared no more', async () => {
  const paths = await openFull();
  const elsewhere = mkdtempSync(join(OTHER_DISK, 'dibs-paths-'));
  expect(paths.place('folder', join(elsewhere, 'a'))).toBe(false);
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(paths.place('file', join(base, 'a'), 'text')).toBe(true);
  await eventually('what is prepared', () => paths.size('file') === 2);
  expect(paths.size('folder')).toBe(0);
  await eventually('what is prepared', () => readdirSync(folder).every((name) => name.startsWith('file')));
  rmSync(elsewhere, { recursive: true });
});
