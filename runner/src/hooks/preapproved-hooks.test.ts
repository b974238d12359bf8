import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PreapprovedHooks } from './preapproved-hooks.js';

const RUN = 'echo "checked"\nexit 0\n';
const hook = (run: string, name = 'before:plan') => ({ name, run });

let root: string;
let folder: string;
let hooks: PreapprovedHooks;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dibs-hooks-'));
  folder = join(root, 'hooks');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.sh'), RUN);
  hooks = new PreapprovedHooks(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const isApproved = async (run: string): Promise<boolean> => (await hooks.problemOf([hook(run)])) === null;

describe('a hook', () => {
  test('is approved by a file with the same bytes, whatever its name', async () => {
    writeFileSync(join(folder, 'ü.txt'), 'printf "ä\t" \r\n');
    expect(await hooks.problemOf([hook(RUN), hook('printf "ä\t" \r\n')])).toBeNull();
  });

  test.each([
    ['one byte differs', RUN.replace('c', 'C')],
    ['one byte is missing', RUN.slice(0, -1)],
    ['one byte is more', `${RUN}\n`],
    ['its lines end in CRLF', RUN.replaceAll('\n', '\r\n')],
    ['a blank is another blank', RUN.replace(' ', '\u00a0')],
    ['a byte order mark is before it', `\ufeff${RUN}`],
    ['it is empty', ''],
  ])('is refused when %s', async (_what, run) => expect(await isApproved(run)).toBe(false));

  test('that is refused is named, with what would have to be there', async () => {
    const sha256 = createHash('sha256').update('evil').digest('hex');
    const problem = await hooks.problemOf([hook(RUN), hook('evil', 'after:apply'), hook('worse')]);
    expect(problem).toBe(
      `The hook after:apply with the SHA-256 ${sha256} is not run: it is not the SHA-256 of any file of ${folder}.`,
    );
  });

  test('is approved from the moment its file is there, and no longer than it is there', async () => {
    expect(await isApproved('new')).toBe(false);
    writeFileSync(join(folder, 'b.sh'), 'new');
    expect(await isApproved('new')).toBe(true);
    writeFileSync(join(folder, 'b.sh'), 'neu');
    expect([await isApproved('new'), await isApproved('neu')]).toEqual([false, true]);
    rmSync(join(folder, 'b.sh'));
    expect(await isApproved('neu')).toBe(false);
  });
});

describe('the folder', () => {
  test.each<[string, () => void]>([
    ['missing', () => rmSync(folder, { recursive: true })],
    ['a file', () => (rmSync(folder, { recursive: true }), writeFileSync(folder, RUN))],
    ['a link to itself', () => (rmSync(folder, { recursive: true }), symlinkSync(folder, folder))],
  ])('refuses every hook when it is %s, and says so', async (_what, spoil) => {
    spoil();
    expect(await hooks.problemOf([hook(RUN)])).toMatch(/cannot be read \((ENOENT|ENOTDIR|ELOOP)\)/);
    // without hooks there is nothing to refuse
    expect(await hooks.problemOf([])).toBeNull();
  });

  test('may hold links, as Kubernetes makes them; what counts is what they lead to', async () => {
    rmSync(join(folder, 'a.sh'));
    mkdirSync(join(folder, '..2026'));
    writeFileSync(join(folder, '..2026', 'a.sh'), RUN);
    expect(await isApproved(RUN)).toBe(false);
    symlinkSync('..2026', join(folder, '..data'));
    symlinkSync('..data/a.sh', join(folder, 'a.sh'));
    expect(await isApproved(RUN)).toBe(true);
    writeFileSync(join(folder, '..2026', 'a.sh'), RUN.replace('0', '1'));
    expect(await isApproved(RUN)).toBe(false);
  });

  test('may hold what is no file, or cannot be read: it approves nothing and holds up nothing', async () => {
    symlinkSync('nowhere', join(folder, '0'));
    symlinkSync('/dev/zero', join(folder, '1'));
    symlinkSync('2', join(folder, '2'));
    expect(spawnSync('/bin/sh', ['-c', 'mkfifo "$0"', join(folder, '3')]).status).toBe(0);
    expect([await isApproved(RUN), await isApproved('other')]).toEqual([true, false]);
  });
});
