import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lockWorkDir, WorkDirInUseError } from './work-dir-lock.js';

describe('lockWorkDir', () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dibs-lock-'));
    lock = join(folder, 'runner.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is given back, and leaves nothing beside it', () => {
    lockWorkDir(lock)();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a live process keeps it', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      lockWorkDir(lock)();
      const start = readStartOf(other.pid as number);
      writeFileSync(lock, JSON.stringify({ pid: other.pid, started: start, boot: bootId() }));
      expect(() => lockWorkDir(lock)).toThrow(WorkDirInUseError);
      expect(() => lockWorkDir(lock)).toThrow(String(other.pid));
      expect(existsSync(lock)).toBe(true);
    } finally {
      other.kill('SIGKILL');
      await new Promise((resolve) => other.once('close', resolve));
    }
    lockWorkDir(lock)();
  });

  test.each([
    ['a process that is gone', { pid: 2 ** 22 + 1, started: '5', boot: bootId() }],
    ['the same pid, used by another process since', { pid: process.ppid, started: '5', boot: bootId() }],
    ['our own pid in an earlier container', { pid: process.pid, started: '5', boot: bootId() }],
    ['an earlier boot', { pid: process.ppid, started: readStartOf(process.ppid), boot: 'earlier' }],
    ['nobody knows whom', 'torn'],
  ])('what %s left is taken over', (_who, content) => {
    writeFileSync(lock, JSON.stringify(content));
    const unlock = lockWorkDir(lock);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(['runner.lock']);
    unlock();
  });
});

function readStartOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
