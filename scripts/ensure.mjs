/**
 * Installs and builds what is missing or stale; npm runs it before start, test and the like. Node built-ins only: on a
 * fresh clone there is nothing else. `--dashboard` builds the dashboard too.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryLock } from './lib/file-lock.mjs';
import { hashOf, isFresh, markFresh } from './lib/freshness.mjs';
import { dim, duration, main, Problem } from './lib/terminal.mjs';

const OLDEST_NODE = [20, 19];
const WORKSPACES = ['shared', 'server', 'runner', 'dashboard'];
const COMPILED = ['shared', 'server', 'runner', 'bench'];
const LOCK = '.ensure.lock';
/** An install on a slow line takes minutes; whoever holds the lock longer hangs. */
const LOCK_WITHIN_MS = 20 * 60_000;
const SHOWN_ON_FAILURE_LINES = 40;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await main(async () => {
  demandNode();
  const lock = await takeTurn();
  process.on('exit', lock.release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
  const dependencies = await ensureDependencies();
  await ensureCode(dependencies);
  if (process.argv.includes('--dashboard')) await ensureDashboard(dependencies);
});

function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Problem(
    `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.version}. Try: npx -y -p node@24 npm start`,
  );
}

/** `npm start` and `npm test` may run at once; a lock left by kill -9 holds nobody up. */
async function takeTurn() {
  for (const deadline = Date.now() + LOCK_WITHIN_MS; ; await delay(200)) {
    const lock = lockHere();
    if (lock.release) return lock;
    if (Date.now() > deadline) throw new Problem(`process ${lock.holder} has been installing or building for too long`);
  }
}

function lockHere() {
  try {
    return tryLock(LOCK);
  } catch (error) {
    throw new Problem(`${process.cwd()} cannot be written to (${error.code}); installing and building need that`);
  }
}

async function ensureDependencies() {
  const hash = hashOf('package-lock.json', 'package.json', ...WORKSPACES.map((name) => `${name}/package.json`));
  if (isFresh('dependencies', hash, ['node_modules/typescript', 'node_modules/@dibs/server'])) return hash;
  const options = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('installing dependencies (about a minute)', async () => {
    const clean = await run(...npm(['ci', ...options]));
    if (clean.ok) return clean;
    // a lock that lacks other platforms' optional packages: npm install keeps to it all the same
    return run(...npm(['install', '--no-save', ...options]));
  });
  // tsc does not notice by itself that a package became another version
  for (const name of COMPILED) fs.rmSync(buildInfoOf(name), { force: true });
  markFresh('dependencies', hash);
  return hash;
}

async function ensureCode(dependencies) {
  const hash = hashOf('tsconfig.json', 'tsconfig.base.json', ...COMPILED) + dependencies;
  if (isFresh('code', hash, COMPILED.map(buildInfoOf))) return;
  await step('compiling', () => run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']));
  markFresh('code', hash);
}

function buildInfoOf(name) {
  return `${name}/dist/.tsbuildinfo`;
}

async function ensureDashboard(dependencies) {
  const hash = hashOf('shared', 'dashboard') + dependencies;
  if (isFresh('dashboard', hash, ['dashboard/.next/BUILD_ID'])) return;
  const next = ['node_modules/next/dist/bin/next', 'build', 'dashboard'];
  await step('building the dashboard', () => run(process.execPath, next, { NEXT_TELEMETRY_DISABLED: '1' }));
  markFresh('dashboard', hash);
}

function npm(args) {
  if (process.env.npm_execpath) return [process.execPath, [process.env.npm_execpath, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

async function step(label, work) {
  const startedAt = performance.now();
  process.stderr.write(dim(`dibs: ${label} …`));
  const { ok, output } = await work();
  process.stderr.write(dim(` ${ok ? duration(performance.now() - startedAt) : 'failed'}\n`));
  if (ok) return;
  process.stderr.write(`${output.trim().split('\n').slice(-SHOWN_ON_FAILURE_LINES).join('\n')}\n`);
  throw new Problem(`${label} failed, see above`);
}

/** What it prints is shown only when it fails. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => {
      process.off('exit', stop);
      resolve({ ok: code === 0, output });
    });
  });
}
