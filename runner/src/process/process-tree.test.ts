import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { closeCgroupRoot, openCgroupRoot } from './cgroup.js';
import type { CgroupRoot } from './cgroup-folder.js';
import { killLeftovers } from './leftovers.js';
import { type ProcessMarker, findTree, readProcess } from './process-table.js';
import type { OutputSink } from './output-pipe.js';
import { type ProcessTree, spawnTree } from './process-tree.js';

/** Every way that this host offers to hold a tree together; a container usually offers none but the first. */
const roots = [
  await openCgroupRoot(`test-v2-${process.pid}`, [2]),
  await openCgroupRoot(`test-v1-${process.pid}`, [1]),
].filter((root) => root !== null);
const hosts: [string, CgroupRoot | null][] = [['without cgroups', null]];
for (const root of roots) hosts.push([`with cgroups v${root.version}`, root]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dibs-tree-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const root of roots) {
    await closeCgroupRoot(root);
    expect(existsSync(root.folder)).toBe(false);
  }
});

describe.each(hosts)('process trees %s', (_name, cgroupRoot) => {
  test('hands over what both pipes carry, and the exit code', async () => {
    const { tree, out, err } = start('echo out; echo err >&2; exit 7');
    expect(await tree.started).toEqual(expect.any(Number));
    expect(await tree.ended).toEqual({ exitCode: 7, signal: null, leftoversKilled: 0, survivors: 0 });
    expect(out()).toBe('out\n');
    expect(err()).toBe('err\n');
  });

  test('the environment is the given one and the marker, nothing else', async () => {
    process.env.DIBS_TEST_LEAK = 'leaked';
    const { tree, out, marker } = start('env', { env: { PATH: '/usr/bin:/bin', A: 'b' } });
    await tree.ended;
    delete process.env.DIBS_TEST_LEAK;
    const names = out().trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['A=b', `DIBS_JOB_ID=${marker.jobId}`, 'DIBS_ATTEMPT=1']));
    expect(out()).not.toContain('leaked');
  });

  test('a command that does not exist ends with spawnError', async () => {
    const { tree } = start('', { command: ['/nonexistent/program'] });
    expect(await tree.started).toBeNull();
    const end = await tree.ended;
    expect(end).toMatchObject({ exitCode: null, signal: null });
    expect(end.spawnError?.message).toContain('ENOENT');
    await tree.kill();
    await tree.terminate({ signal: 'SIGTERM', graceMs: 1 });
  });

  test.each([
    ['a NUL in an argument', { command: ['/bin/echo', 'a\0b'] }],
    ['a missing working folder', { cwd: '/nonexistent/folder' }],
    ['an argument that is too long', { command: ['/bin/echo', 'x'.repeat(4_000_000)] }],
  ])('%s is told, not thrown', async (_what, options) => {
    const { tree } = start('true', options);
    const end = await tree.ended;
    // Behind the joining shell an over-long argument is an exit code of it.
    expect(end.spawnError !== undefined || end.exitCode === 126).toBe(true);
  });

  test('a job that ends by a signal of its own says so', async () => {
    expect(await start('kill -SEGV $$').tree.ended).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
  });

  test('a polite job is given the grace to clean up', async () => {
    const { tree, out } = start(
      'trap "echo cleaning; sleep 0.2; echo clean; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
    );
    await until(() => out().includes('ready'));
    await tree.terminate({ signal: 'SIGTERM', graceMs: 20_000 });
    expect(await tree.ended).toMatchObject({ exitCode: 3, leftoversKilled: 0 });
    expect(out()).toBe('ready\ncleaning\nclean\n');
  });

  test('a child that outlives the signaled shell keeps its grace', async () => {
    const { tree, out } = start(
      `bash -c 'trap "sleep 0.4; echo state written; exit 0" TERM; echo ready; while :; do sleep 0.05; done'; true`,
      { pipeGraceMs: 50 },
    );
    await until(() => out().includes('ready'));
    await tree.terminate({ signal: 'SIGTERM', graceMs: 20_000 });
    expect(await tree.ended).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(out()).toContain('state written');
  });

  test.each([
    ['traps every signal', 'trap "" TERM INT HUP; echo ready; while :; do sleep 0.05; done'],
    ['is stopped', 'echo ready; kill -STOP $$'],
    ['forked', 'trap "" TERM; for i in 1 2 3; do (trap "" TERM; sleep 300 & sleep 300) & done; echo ready; wait'],
    [
      'left the session',
      'trap "" TERM; setsid sh -c "trap \\"\\" TERM; sleep 300" & setsid nohup sleep 300 >/dev/null 2>&1 & sleep 0.1; echo ready; wait',
    ],
    ['left by a double fork', '(setsid sh -c "sleep 300 & exec sleep 300" &) ; sleep 0.1; echo ready; sleep 300'],
    ['made groups of its own', 'set -m; trap "" TERM; sleep 300 & env -i sleep 300 & echo ready; wait; sleep 300'],
  ])('cancel ends a job that %s', async (_what, script) => {
    const { tree, out, marker } = start(script);
    await until(() => out().includes('ready'));
    const began = performance.now();
    await tree.terminate({ signal: 'SIGTERM', graceMs: 100 });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect((await tree.ended).survivors).toBe(0);
    expect(await leftOf(tree, marker)).toEqual([]);
  });

  test('kill does not wait for any grace', async () => {
    const { tree, out, marker } = start('trap "" TERM; echo ready; sleep 300');
    await until(() => out().includes('ready'));
    void tree.terminate({ signal: 'SIGTERM', graceMs: 600_000 });
    await tree.kill();
    expect(await tree.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL', survivors: 0 });
    expect(await leftOf(tree, marker)).toEqual([]);
  });

  test('a fork bomb ends', async () => {
    const { tree, out, marker } = start('f() { echo x; sleep 0.05; f & f & setsid sleep 300 & wait; }; f', {
      pipeGraceMs: 50,
    });
    await until(() => out().length > 100);
    await tree.kill();
    expect((await tree.ended).survivors).toBe(0);
    expect(await leftOf(tree, marker)).toEqual([]);
  });

  test('a grandchild that keeps the pipe open holds the end back only for the grace', async () => {
    const { tree, out, marker } = start('setsid sh -c "echo \\$\\$; sleep 300" & sleep 0.2; echo done', {
      pipeGraceMs: 100,
    });
    const began = performance.now();
    expect(await tree.ended).toMatchObject({ exitCode: 0 });
    expect((await tree.ended).leftoversKilled).toBeGreaterThanOrEqual(1);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(out()).toMatch(/^\d+\ndone\n$/);
    expect(await leftOf(tree, marker)).toEqual([]);
  });

  test('a background writer may finish within the grace', async () => {
    const { tree, out } = start('(sleep 0.3; echo late) & echo early', { pipeGraceMs: 20_000 });
    expect(await tree.ended).toMatchObject({ exitCode: 0, leftoversKilled: 0 });
    expect(out()).toBe('early\nlate\n');
  });

  test('a daemon with closed pipes does not outlive the step', async () => {
    const { tree, marker } = start('setsid nohup sleep 300 >/dev/null 2>&1 & sleep 0.2');
    const end = await tree.ended;
    expect(end).toMatchObject({ exitCode: 0, leftoversKilled: 1, survivors: 0 });
    expect(await leftOf(tree, marker)).toEqual([]);
  });

  test('a job that closes its pipes goes on until it exits', async () => {
    const file = join(folder, randomUUID());
    const { tree } = start(`exec >&- 2>&-; sleep 0.3; echo on > ${file}; exit 5`, { pipeGraceMs: 10 });
    expect(await tree.ended).toMatchObject({ exitCode: 5 });
    expect(existsSync(file)).toBe(true);
  });

  test("back-pressure pauses the pipe, loses nothing and its time is not the grandchild's", async () => {
    let bytes = 0;
    let held = 0;
    const { tree } = start('head -c 3000000 /dev/zero | tr "\\0" x', {
      pipeGraceMs: 300,
      onStdout: (chunk: Buffer) => {
        bytes += chunk.length;
        if (held++ % 10 !== 0) return undefined;
        return delay(20);
      },
    });
    expect(await tree.ended).toMatchObject({ exitCode: 0, leftoversKilled: 0 });
    expect(bytes).toBe(3_000_000);
  });

  test('a sink that never has room does not keep a killed tree from ending', async () => {
    const { tree } = start('yes', { onStdout: () => new Promise<void>(() => undefined) });
    await delay(100);
    await tree.kill();
    expect((await tree.ended).signal).toBe('SIGKILL');
  });

  test('200,000 lines in a burst arrive complete', async () => {
    let lines = 0;
    const count: OutputSink = (chunk) => {
      for (const byte of chunk) if (byte === 10) lines++;
    };
    await start('seq 1 200000', { onStdout: count }).tree.ended;
    expect(lines).toBe(200_000);
  });

  test('leftovers of a killed runner are found by marker alone', async () => {
    const marker = { jobId: randomUUID(), attempt: 3 };
    const stranger = start('echo ready; sleep 300', { marker: { jobId: marker.jobId, attempt: 4 } });
    const { tree, out } = start('setsid sleep 300 & sleep 0.1; echo ready; sleep 300', { marker });
    await until(() => out().includes('ready') && stranger.out().includes('ready'));
    const { killed, survivors } = await killLeftovers({ marker, cgroupRoot });
    expect(killed).toBeGreaterThanOrEqual(2);
    expect(survivors).toBe(0);
    expect(await tree.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(readProcess(stranger.tree.leader?.pid ?? 0)?.dead).toBe(false);
    await stranger.tree.kill();
    expect(await killLeftovers({ marker, cgroupRoot })).toEqual({ killed: 0, survivors: 0 });
  });

  test('another runner of the same name that starts meanwhile changes nothing', async () => {
    const names = cgroupRoot ? [basename(cgroupRoot.folder).replace('dibs-', '')] : ['other'];
    const trees = Array.from({ length: 10 }, () => start('sleep 0.1; cat /proc/self/cgroup'));
    await Promise.all(names.map((name) => openCgroupRoot(name)));
    for (const { tree, out } of trees) {
      expect(await tree.ended).toMatchObject({ exitCode: 0 });
      if (cgroupRoot) expect(out()).toContain(basename(cgroupRoot.folder));
    }
  });

  test('no control group stays behind', async () => {
    await Promise.all(Array.from({ length: 10 }, () => start('sleep 0.05 & true').tree.ended));
    const left =
      cgroupRoot && existsSync(cgroupRoot.folder) ? readdirSync(cgroupRoot.folder, { withFileTypes: true }) : [];
    expect(left.filter((entry) => entry.isDirectory())).toEqual([]);
  });

  interface Overrides {
    command?: string[];
    cwd?: string;
    env?: Record<string, string>;
    marker?: ProcessMarker;
    pipeGraceMs?: number;
    onStdout?: OutputSink;
  }

  function start(script: string, overrides: Overrides = {}) {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const marker = overrides.marker ?? { jobId: randomUUID(), attempt: 1 };
    const file = join(folder, `${randomUUID()}.sh`);
    writeFileSync(file, script);
    const tree = spawnTree({
      command: ['bash', file],
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      cgroupRoot,
      onStdout: (chunk) => void out.push(chunk),
      onStderr: (chunk) => void err.push(chunk),
      ...overrides,
      marker,
    });
    const text = (chunks: Buffer[]) => () => Buffer.concat(chunks).toString();
    return { tree, marker, out: text(out), err: text(err) };
  }
});

/** Looked up in /proc by session, group, marker and descent, independent of any cgroup. */
function leftOf(tree: ProcessTree, marker: ProcessMarker): Promise<number[]> {
  return findTree(marker, { pid: tree.leader?.pid ?? -1, startTicks: null });
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('waited in vain');
    await delay(10);
  }
}
