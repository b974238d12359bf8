/**
 * `npm start`: server with its embedded PostgreSQL, dashboard and one local runner; a sample job with its live log; then
 * where to go from there. Ctrl-C stops all of it.
 */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tryLock } from './lib/file-lock.mjs';
import { HttpClient } from './lib/http-client.mjs';
import { LocalSecrets } from './lib/local-secrets.mjs';
import { LoggedPart } from './lib/logged-part.mjs';
import { runSampleJob, sampleJob } from './lib/sample-job.mjs';
import { onStopRequest } from './lib/stop-requests.mjs';
import { bold, cyan, dim, duration, main, Problem, red } from './lib/terminal.mjs';

const checkout = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
process.chdir(checkout);

const dataDir = path.resolve(process.env.DIBS_DATA_DIR || '.dibs');
const host = process.env.HOST || '127.0.0.1';
const port = Number(process.env.PORT || 3000);
const dashboardPort = Number(process.env.DASHBOARD_PORT || 3001);
/** A runner that drains finishes its jobs; without a person to ask it gets this long. */
const DRAIN_UNATTENDED_MS = 10_000;
const STOP_MS = 30_000;

const parts = [];
let stopping = null;

await main(async () => {
  const lock = openDataFolder();
  process.on('exit', lock.release);
  await demandFree('PORT', port);
  await demandFree('DASHBOARD_PORT', dashboardPort);
  onStopRequest(stop);
  const secrets = new LocalSecrets(dataDir, process.env);
  try {
    const server = await startServer(secrets);
    const client = await HttpClient.signIn(server, secrets.client);
    await startRunner(server, client);
    const dashboard = await startDashboard(server);
    await ensureApiToken(server, client, secrets);
    if (process.env.DIBS_SAMPLE_JOB !== 'off')
      await runSampleJob(new HttpClient(server, secrets.apiToken), sampleJob(checkout));
    if (!stopping) printWhatNow(server, dashboard, secrets);
  } catch (error) {
    // while we stop, whatever was being waited for fails
    if (stopping) return;
    await stop({ request: 1, reason: 'failed', exitCode: 1, message: error.message });
  }
});

function openDataFolder() {
  try {
    makeFolder(path.join(dataDir, 'logs'));
    const lock = tryLock(path.join(dataDir, 'start.lock'));
    if (lock.release) return lock;
    throw new Problem(
      `npm start runs already on ${dataDir} (process ${lock.holder}); for a second one set DIBS_DATA_DIR, PORT and DASHBOARD_PORT`,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      `the data folder ${dataDir} cannot be written to (${error.code}); set DIBS_DATA_DIR to one that can`,
    );
  }
}

/** Not `recursive: true`: that one never returns below /proc. Others may pass: root runs the database as another user. */
function makeFolder(folder) {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder, { mode: 0o711 });
}

function demandFree(variable, wanted) {
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Problem(`${variable} must be a port number from 0 to 65535`);
  }
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      reject(new Problem(`port ${wanted} ${why}; choose another one: ${variable}=${wanted + 100} npm start`));
    });
    probe.listen(wanted, host, () => probe.close(resolve));
  });
}

async function startServer(secrets) {
  const origins = [`http://127.0.0.1:${dashboardPort}`, `http://localhost:${dashboardPort}`];
  return startPart('server', 'server/dist/main.js', {
    HOST: host,
    PORT: String(port),
    DIBS_DATA_DIR: dataDir,
    DIBS_BOOTSTRAP_CLIENT_ID: secrets.client.id,
    DIBS_BOOTSTRAP_CLIENT_SECRET: secrets.client.secret,
    DIBS_ADMIN_EMAIL: secrets.admin.email,
    DIBS_ADMIN_PASSWORD: secrets.admin.password ?? process.env.DIBS_ADMIN_PASSWORD,
    DASHBOARD_ORIGIN: process.env.DASHBOARD_ORIGIN || origins.join(','),
  });
}

async function startRunner(server, client) {
  const instance = os.hostname();
  const { credentials } = await client.post('/api/v1/runners/register', { name: 'local', instance });
  await startPart('runner', 'runner/dist/main.js', {
    RUNNER_SERVER_URL: server,
    RUNNER_CLIENT_ID: credentials.clientId,
    RUNNER_CLIENT_SECRET: credentials.clientSecret,
    RUNNER_NAME: 'local',
    RUNNER_INSTANCE: instance,
    RUNNER_WORK_DIR: path.join(dataDir, 'runner'),
    RUNNER_MAX_CONCURRENT_JOBS: process.env.RUNNER_MAX_CONCURRENT_JOBS || '2',
    // as in docker/runner.Dockerfile
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX || '1',
  });
}

function startDashboard(server) {
  return startPart('dashboard', 'dashboard/server.mjs', {
    HOST: host,
    DASHBOARD_PORT: String(dashboardPort),
    DIBS_SERVER_URL: server,
  });
}

/** @returns the address it listens on; the runner has none and goes on starting by itself */
async function startPart(name, script, env) {
  const startedAt = performance.now();
  const logFile = path.join(dataDir, 'logs', `${name}.log`);
  const part = new LoggedPart(name, script, { env: { ...process.env, ...env }, logFile });
  parts.push(part);
  part.child.once('close', () => {
    if (!stopping) void stop({ request: 1, reason: 'failed', exitCode: 1, message: part.problem().message });
  });
  if (name === 'runner') return undefined;
  const url = await part.listening;
  console.log(`${name.padEnd(10)} ${cyan(url)} ${dim(duration(performance.now() - startedAt))}`);
  return url;
}

/** For the printed commands: may submit and read jobs, not manage anything. */
async function ensureApiToken(server, client, secrets) {
  if (secrets.apiToken && (await new HttpClient(server, secrets.apiToken).accepts('/api/v1/jobs?limit=1'))) return;
  const name = `npm start ${new Date().toISOString()}`;
  const { token } = await client.post('/api/v1/api-tokens', { name, role: 'operator' });
  secrets.rememberApiToken(token);
}

function printWhatNow(server, dashboard, { admin, apiToken }) {
  const jobs = `${server}/api/v1/jobs`;
  const auth = `-H 'Authorization: Bearer ${apiToken}'`;
  const body = `{"steps":[{"run":"for i in 1 2 3 4 5; do echo line $i; sleep 1; done"}]}`;
  console.log(`
${bold('Dashboard')}  ${cyan(dashboard)}
${bold('Sign in')}    ${admin.email}  ${admin.password ?? dim('(password: DIBS_ADMIN_PASSWORD)')}

${bold('Submit a job and watch its log:')}
JOB=$(curl -s ${jobs} ${auth} -H 'Content-Type: application/json' -d '${body}' | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
curl -N ${auth} "${jobs}/$JOB/logs?follow=true"

${dim(`API: ${server}/api/docs · data and logs: ${dataDir} · Ctrl-C stops everything`)}`);
}

async function stop({ request, reason, exitCode = 0, message }) {
  if (message) console.error(`${red('dibs:')} ${message}`);
  const runner = parts.find((part) => part.name === 'runner');
  // a draining runner finishes its jobs; asked again it ends them
  runner?.terminate();
  if (stopping) return;
  stopping = { request, reason };
  const attended = reason === 'SIGINT' && process.stdin.isTTY;
  const hint = setTimeout(() => console.log(dim('\nfinishing running jobs; Ctrl-C again ends them')), 1_500);
  const insist = attended ? undefined : setTimeout(() => runner?.terminate(), DRAIN_UNATTENDED_MS);
  if (runner) await (attended ? runner.ended : runner.endsWithin(DRAIN_UNATTENDED_MS + STOP_MS));
  clearTimeout(hint);
  clearTimeout(insist);
  const others = parts.filter((part) => part !== runner);
  for (const part of others) part.terminate();
  await Promise.all(others.map((part) => part.endsWithin(STOP_MS)));
  process.exit(exitCode);
}
