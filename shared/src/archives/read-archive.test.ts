import { describe, expect, test } from '@jest/globals';
import { hostileArchives } from '../../test/hostile-archives.js';
import { paxPath, tar, tarGz, zip, type MadeEntry } from '../../test/make-archive.js';
import { ArchiveRefused } from './archive-entry.js';
import { readArchive, type ArchiveBytes } from './read-archive.js';
import { ARCHIVE_LIMITS, ArchiveRules } from './archive-rules.js';

/** In small pieces, as they come from the network. */
function bytesOf(bytes: Buffer): ArchiveBytes {
  return {
    bytes: bytes.length,
    async *range(start, end) {
      await Promise.resolve();
      const pieceBytes = end - start > 100_000 ? 50_000 : 100;
      for (let at = start; at < end; at += pieceBytes) yield bytes.subarray(at, Math.min(at + pieceBytes, end));
    },
  };
}

/** All of it, content included, as whoever unpacks it reads it. */
async function unpacked(bytes: Buffer): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const rules = new ArchiveRules();
  await readArchive(bytesOf(bytes), (entry) => {
    const name = rules.add(entry).join('/');
    found[name] = `${entry.type} ${entry.mode.toString(8)} ${entry.target}`.trim();
    if (entry.type !== 'file') return null;
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => void chunks.push(chunk),
      end: () => void (found[name] += ` ${Buffer.concat(chunks).toString()}`),
    };
  });
  return found;
}

const GOOD: readonly MadeEntry[] = [
  { name: './', type: '5', mode: 0o755 },
  { name: './main.tf', content: 'resource' },
  { name: 'scripts/', type: '5', mode: 0o2755 },
  { name: 'scripts/run.sh', content: '#!/bin/sh\n'.repeat(100), mode: 0o755 },
  { name: 'modules/é/x.tf', content: '' },
  { name: 'modules/current', type: '2', link: './é', mode: 0o777 },
  { name: 'modules/é/top', type: '2', link: '../../main.tf', mode: 0o777 },
];

describe('an archive', () => {
  test.each([
    ['tar', tar],
    ['tar.gz', tarGz],
    ['zip', zip],
  ] as const)('as %s is read as it was made', async (_format, make) => {
    expect(await unpacked(make(GOOD))).toEqual({
      '': 'directory 755',
      'main.tf': 'file 644 resource',
      scripts: 'directory 2755',
      'scripts/run.sh': `file 755 ${'#!/bin/sh\n'.repeat(100)}`,
      'modules/é/x.tf': 'file 644 ',
      'modules/current': 'symlink 777 ./é',
      'modules/é/top': 'symlink 777 ../../main.tf',
    });
  });

  test('may have long paths', async () => {
    const path = `${'folder/'.repeat(30)}file`;
    expect(Object.keys(await unpacked(tar([paxPath(path), { name: 'short' }])))).toEqual([path]);
  });

  test.each(hostileArchives())('%s is refused', async (_what, make, why) => {
    const error: unknown = await unpacked(make()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ArchiveRefused);
    expect((error as Error).message).toMatch(why);
  });

  test('may not have too many entries', () => {
    const rules = new ArchiveRules();
    const add = (path: string) => rules.add({ path, type: 'file', size: 0, mode: 0, target: '' });
    for (let count = 0; count < ARCHIVE_LIMITS.entries; count += 1) add(String(count));
    expect(() => add('one more')).toThrow('more than 20000 entries');
  });

  test('is not blamed for what its reader does', async () => {
    const full = () => {
      throw new Error('the disk is full');
    };
    for (const make of [tar, tarGz, zip]) {
      await expect(readArchive(bytesOf(make(GOOD)), () => ({ write: full, end: full }))).rejects.toThrow(
        'disk is full',
      );
    }
  });
});
