import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readStored, removeDurably, removeUnflushed, writeAtOnce, writeDurably, writeQuickly } from './durable-file.js';

describe('durable files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dibs-durable-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are replaced as a whole and readable by the owner only', async () => {
    const path = join(folder, 'a.json');
    await writeDurably(path, { version: 1 });
    await writeDurably(path, { version: 2 });
    expect(await readStored(folder)).toEqual([{ path, content: { version: 2 } }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  test('what a crash left half-written is removed, what is damaged is told', async () => {
    writeFileSync(join(folder, 'a.json.1.1.tmp'), '{"half":');
    writeFileSync(join(folder, 'b.json'), '{"torn":');
    expect(await readStored(folder)).toEqual([{ path: join(folder, 'b.json'), content: undefined }]);
    expect(readdirSync(folder)).toEqual(['b.json']);
  });

  test('a write that fails leaves the old content and no rest', async () => {
    const path = join(folder, 'missing', 'a.json');
    await expect(writeDurably(path, {})).rejects.toThrow('ENOENT');
    await removeDurably(join(folder, 'never-there.json'));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([writeQuickly, writeAtOnce])('%p: one file, for the owner only, without a flush', async (write) => {
    const path = join(folder, 'a.json');
    write(path, { version: 1 });
    write(path, { version: 2 });
    expect(await readStored(folder)).toEqual([{ path, content: { version: 2 } }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await removeUnflushed(path);
    await removeUnflushed(path);
    expect(readdirSync(folder)).toEqual([]);
    expect(() => write(join(folder, 'missing', 'a.json'), {})).toThrow('ENOENT');
  });
});
