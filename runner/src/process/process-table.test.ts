import { expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTree, readProcess, stillOurs } from './process-table.js';

test('reads a process, also with spaces and brackets in its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dibs-proc-'));
  symlinkSync('/bin/sleep', join(folder, ') S 1 (x'));
  const child = spawn(join(folder, ') S 1 (x'), ['300'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  expect(readProcess(child.pid ?? 0)).toMatchObject({
    parent: process.pid,
    group: child.pid,
    session: child.pid,
    dead: false,
  });
  await kill(child);
  rmSync(folder, { recursive: true });
  expect(readProcess(child.pid ?? 0)).toBeNull();
});

test('a process that nobody has waited for is dead', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 300'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
  const zombie = Number(chunk.toString());
  const giveUpAt = performance.now() + 10_000;
  while (!/^State:\s+Z/m.test(readFileSync(`/proc/${zombie}/status`, 'utf8')) && performance.now() < giveUpAt);
  expect(readProcess(zombie)?.dead).toBe(true);
  await kill(parent);
});

test('a pid that was given to another process is not ours', () => {
  const own = readProcess(process.pid);
  expect(stillOurs({ pid: process.pid, startTicks: own?.startTicks ?? null })).toBe(true);
  expect(stillOurs({ pid: process.pid, startTicks: '1' })).toBe(false);
});

test('a marker must match as a whole, and the runner itself never does', async () => {
  const env = { DIBS_JOB_ID: 'job-1', DIBS_ATTEMPT: '12', PATH: process.env.PATH };
  const child = spawn('sleep', ['300'], { env, stdio: 'ignore' });
  await once(child, 'spawn');
  expect(await findTree({ jobId: 'job-1', attempt: 12 }, null)).toEqual([child.pid]);
  for (const [jobId, attempt] of [
    ['job-1', 1],
    ['job-', 12],
    ['ob-1', 12],
    ['job-1', 2],
  ] as const) {
    expect(await findTree({ jobId, attempt }, null)).toEqual([]);
  }
  await kill(child);
});

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
