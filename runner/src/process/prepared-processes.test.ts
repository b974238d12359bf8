import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { closeCgroupRoot, openCgroupRoot } from './cgroup.js';
import { findExecutable } from './find-executable.js';
import { PreparedProcessLost } from './launch.js';
import { killAbandoned } from './leftovers.js';
import { PreparedProcesses } from './prepared-processes.js';
import { readProcess } from './process-table.js';
import { type PreparedLaunches, type ProcessTree, spawnTree } from './process-tree.js';

const PATH = process.env.PATH ?? '/usr/bin:/bin';
const log = pino({ level: 'silent' });
const root = await openCgroupRoot(`test-prepared-${process.pid}`);
const bash = findExecutable('bash', PATH) ?? '';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dibs-prepared-'));
  mkdirSync(join(folder, "it's here"));
  symlinkSync(bash, join(folder, 'sh'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeCgroupRoot(root);
  if (root) expect(existsSync(root.folder)).toBe(false);
});

const withGroups = root ? test : test.skip;
const pools: PreparedProcesses[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function openPool(options: { count?: number; shell?: string } = {}): Promise<PreparedProcesses> {
  const pool = new PreparedProcesses({
    count: 1,
    env: { PATH, HOME: '/root' },
    owner: 'owner',
    cgroupRoot: root,
    folder,
    log,
    ...options,
  });
  pools.push(pool);
  await pool.open();
  return pool;
}

interface Started {
  readonly tree: ProcessTree;
  readonly out: () => string;
  readonly err: () => string;
}

function start(script: string, prepared: PreparedLaunches | null, env: Record<string, string> = {}): Started {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const tree = spawnTree({
    command: [bash, '-c', script],
    cwd: join(folder, "it's here"),
    env: { PATH, HOME: '/root', ...env },
    marker: { jobId: 'a-job', attempt: 1 },
    cgroupRoot: root,
    onStdout: (chunk) => void out.push(chunk),
    onStderr: (chunk) => void err.push(chunk),
    pipeGraceMs: 100,
    ...(prepared && { prepared }),
  });
  return { tree, out: () => Buffer.concat(out).toString(), err: () => Buffer.concat(err).toString() };
}

/** Of all that a program can see of how it was started. Its group, its pid and what its pipes are called differ. */
const TELL = [
  'pwd; env | LC_ALL=C sort; tr "\\0" "\\n" </proc/$$/environ | LC_ALL=C sort | grep -vE "^(_|PWD|SHLVL)="',
  'umask; ulimit -a; grep -E "^(Sig(Blk|Ign|Cgt)|Shd|Uid|Gid|Groups|NoNewPrivs|Cap)" /proc/self/status; cat /proc/$$/oom_score_adj',
  'ls /proc/$$/fd; cat; readlink /proc/$$/fd/0; cat /proc/$$/fdinfo/0 | grep flags; tr "\\0" " " </proc/$$/cmdline',
  '[ $(ps -o pgid= -o sid= $$ | tr -s " " "\\n" | sort -u | tail -1) = $$ ] && echo leads',
].join('\n');

describe.each([
  ['/bin/sh', () => '/bin/sh'],
  ['bash as sh', () => join(folder, 'sh')],
])('prepared by %s', (_name, shell) => {
  test('a program sees the same as one that was started directly', async () => {
    const env = {
      PATH: `/opt/none:${PATH}`,
      LANG: 'C.UTF-8',
      QUOTES: `' " \\' '' \\`,
      LINES_OF_IT: 'one\n two\r\n\n',
      UNICODE: '\u00e4\u{1F600}\u0001\u007f\u0080\u00ff',
      COMMANDS: '$(touch /x) `id` ${HOME} ; exit 3 # & | > < * ~ !',
      EMPTY: '',
      LONG: 'x'.repeat(9000),
    };
    const pool = await openPool({ shell: shell() });
    await until(() => pool.size === 1);
    const prepared = start(TELL, pool, env);
    expect(pool.size).toBe(0);
    expect(await prepared.tree.started).toEqual(expect.any(Number));
    expect(await prepared.tree.ended).toEqual({ exitCode: 0, signal: null, leftoversKilled: 0, survivors: 0 });
    const direct = start(TELL, null, env);
    await direct.tree.ended;
    expect(prepared.out().split('\n')).toEqual(direct.out().split('\n'));
    expect(prepared.out()).toContain('x'.repeat(9000));
    expect([prepared.err(), direct.err()]).toEqual(['', '']);
    await until(() => pool.size === 1);
  });
});

test.each([
  ['a name with a meaning for shells', { OPTIND: '3' }],
  ['a name that no shell could set', { 'MY-NAME': 'x' }],
  ['a value that is too long', { LONG: 'x'.repeat(20_000) }],
])('%s goes the usual way', async (_what, env: Record<string, string>) => {
  const pool = await openPool();
  await until(() => pool.size === 1);
  const { tree, out } = start('echo ran', pool, env);
  expect(pool.size).toBe(1);
  expect(await tree.ended).toMatchObject({ exitCode: 0 });
  expect(out()).toBe('ran\n');
});

test('a program that cannot be started in its folder is lost, not run', async () => {
  const pool = await openPool();
  await until(() => pool.size === 1);
  rmSync(join(folder, "it's here"), { recursive: true });
  const { tree, err } = start('echo never', pool);
  expect(await tree.started).toBeNull();
  mkdirSync(join(folder, "it's here"));
  expect((await tree.ended).spawnError).toBeInstanceOf(PreparedProcessLost);
  expect(err()).toBe('');
});

test('one that is killed before it takes its order is lost; one that is stopped by order is not', async () => {
  const pool = await openPool({ count: 2 });
  await until(() => pool.size === 2);
  for (const pid of prepared()) process.kill(pid, 'SIGSTOP'); // so that the order stays unread
  const [first, second] = [start('echo ran', pool), start('echo ran', pool)];
  process.kill(first.tree.leader?.pid ?? 0, 'SIGKILL');
  expect((await first.tree.ended).spawnError).toBeInstanceOf(PreparedProcessLost);
  await second.tree.kill();
  expect(await second.tree.ended).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect((await second.tree.ended).spawnError).toBeUndefined();
  expect(first.out() + second.out()).toBe('');
});

test('those that ended while they waited are not used', async () => {
  const pool = await openPool({ count: 2 });
  await until(() => pool.size === 2);
  const waiting = prepared();
  expect(waiting).toHaveLength(2);
  for (const pid of waiting) process.kill(pid, 'SIGKILL');
  await until(() => pool.size === 0);
  const { tree, out } = start('echo ran', pool);
  expect(await tree.ended).toMatchObject({ exitCode: 0 });
  expect(out()).toBe('ran\n');
});

test('a shell that does something else is not used', async () => {
  const pool = await openPool({ shell: '/bin/true' });
  expect(pool.size).toBe(0);
  const none = await openPool({ shell: '/nonexistent' });
  expect(
    none.launch({ command: [bash], cwd: '/', env: {}, marker: { jobId: 'x', attempt: 1 }, cgroupRoot: null }),
  ).toBeNull();
});

test('nothing is left after close', async () => {
  const pool = await openPool({ count: 3 });
  await until(() => pool.size === 3);
  expect(prepared()).toHaveLength(3);
  await pool.close();
  expect(prepared()).toEqual([]);
  if (root) expect(readdirSync(root.folder).filter((name) => name.startsWith('prepared-'))).toEqual([]);
});

withGroups('what hides from all but its group is ended after a crash; that of another owner is not', async () => {
  const pool = await openPool();
  await until(() => pool.size === 1);
  const { tree, out } = start('env -i setsid sleep 300 & echo up; wait', pool);
  await until(() => out() === 'up\n');
  expect(await killAbandoned(root, 'other')).toEqual({ killed: 0, survivors: 0 });
  expect((await killAbandoned(root, 'owner')).killed).toBeGreaterThanOrEqual(2);
  expect(await tree.ended).toMatchObject({ signal: 'SIGKILL', leftoversKilled: 0 });
  expect(existsSync(tree.leader?.cgroupFolder ?? '')).toBe(false);
});

/** Processes of this one that wait for an order. */
function prepared(): number[] {
  const isWaiting = (pid: number): boolean => {
    const facts = readProcess(pid);
    if (facts?.parent !== process.pid || facts.dead) return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').endsWith('\0-s\0');
  };
  return readdirSync('/proc').map(Number).filter(Number.isInteger).filter(isWaiting);
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('waited in vain');
    await delay(10);
  }
}
