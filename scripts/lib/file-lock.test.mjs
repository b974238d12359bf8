import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tryLock } from './file-lock.mjs';

const MODULE = path.resolve('scripts/lib/file-lock.mjs');
let folder;
let file;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-lock-'));
  file = path.join(folder, 'lock');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A process that runs `script` with the lock's module; `say` tells us. */
async function start(script) {
  const source = `import { tryLock } from ${JSON.stringify(MODULE)}; const say = (x) => console.log(JSON.stringify(x)); ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [data] = await once(child.stdout, 'data');
  return { child, said: JSON.parse(String(data)) };
}

test('one holder at a time, and the other learns who it is', async () => {
  const { child } = await start(`tryLock(${JSON.stringify(file)}); say('held'); process.stdin.resume();`);
  try {
    expect(tryLock(file)).toEqual({ holder: child.pid });
  } finally {
    child.kill();
  }
});

test('a released lock is free, and nothing is left behind', () => {
  tryLock(file).release();
  expect(fs.readdirSync(folder)).toEqual([]);
  expect(tryLock(file).release).toBeInstanceOf(Function);
});

test('a lock left by kill -9 is taken over', async () => {
  const { child } = await start(`tryLock(${JSON.stringify(file)}); say('held'); process.stdin.resume();`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(fs.existsSync(file)).toBe(true);
  expect(tryLock(file).release).toBeInstanceOf(Function);
});

test('a lock whose pid belongs to another process by now is taken over', () => {
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'an-earlier-boot:1' }));
  expect(tryLock(file).release).toBeInstanceOf(Function);
});

test.each(['', 'nonsense', '{"pid":'])('a lock that holds %j is taken over', (content) => {
  fs.writeFileSync(file, content);
  expect(tryLock(file).release).toBeInstanceOf(Function);
});

test('of eight processes that want a stale lock at once exactly one gets it', async () => {
  fs.writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, identity: null }));
  const script = `const lock = tryLock(${JSON.stringify(file)}); say(Boolean(lock.release)); process.stdin.resume();`;
  const started = await Promise.all(Array.from({ length: 8 }, () => start(script)));
  for (const { child } of started) child.kill();
  expect(started.filter(({ said }) => said === true)).toHaveLength(1);
});
