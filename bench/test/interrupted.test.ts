import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

/** All that the benchmark starts has its files in here, and its name in the environment or the arguments. */
let folder: string;
let bench: ChildProcess | null = null;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-interrupted-'));
  // root runs the database as another user, who must get to it
  fs.chmodSync(folder, 0o711);
});
afterEach(() => {
  bench?.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('a benchmark that is interrupted leaves nothing behind', () => {
  it.each([
    ['a database that starts', /dibs-bench-pg-/, (): string => fs.readdirSync(folder).join()],
    ['a server, and runners that start', /starting 1 runner/, (said: string): string => said],
  ])('%s', async (_what, awaited, where) => {
    bench = spawn(process.execPath, ['bench/dist/main.js', 'dispatch-latency', '--quick', '--json'], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    bench.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(bench, 'close');
    while (!awaited.test(where(said))) {
      if (bench.exitCode !== null) throw new Error(`it has ended:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    bench.kill('SIGTERM');
    await ended;
    expect({ code: bench.exitCode, said }).toEqual({ code: 143, said: expect.not.stringContaining('left behind') });
    expect(processesOf(folder)).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

/** Empty where there is no /proc. */
function processesOf(name: string): string[] {
  if (!fs.existsSync('/proc/self/environ')) return [];
  const pids = fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.filter((pid) => read(pid, 'environ').includes(name) || read(pid, 'cmdline').includes(name));
}

function read(pid: string, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
