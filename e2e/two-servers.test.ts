import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { JobDetail } from '@dibs/shared';
import type { Api } from './support/api.js';
import { submitViolations } from './support/checker.js';
import { eventually } from './support/eventually.js';
import { Installation, type RunningRunner } from './support/installation.js';
import { SteadyCaller } from './support/steady-caller.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** A lease of 12 s: it outlives a reconnect on a busy machine, and the test that waits for its end is not too long. */
const TIME_SCALE = 0.2;
const LEASE_MS = 60_000 * TIME_SCALE;
const PATIENCE_MS = 60_000;
const WITHIN_MS = 240_000;

let installation: Installation;
let proxies: TcpProxy[] = [];
let runners: RunningRunner[] = [];
let gates = 0;

beforeAll(async () => {
  installation = await Installation.start({ servers: 2, timeScale: TIME_SCALE });
});
beforeEach(async () => {
  // what an earlier test that failed has left
  for (const [index, { process }] of installation.servers.entries()) {
    if (!process.running) await installation.startServerAgain(index);
    installation.thawServer(index);
  }
});
afterEach(async () => {
  await Promise.all(runners.map(({ process }) => process.kill()));
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  [runners, proxies] = [[], []];
});
afterAll(() => installation?.stop());

test(
  'a rolling restart under load: every job is accepted somewhere, ends once, and no lease is lost',
  async () => {
    const apis = installation.servers.map(({ api }) => api);
    const held = [await holding(await runnerOn(0, 4)), await holding(await runnerOn(1, 4))];
    const before = await installation.api.jobs();
    const caller = new SteadyCaller(apis, { steps: [installation.ledger.mark()] });
    for (const index of [0, 1]) {
      await moreAccepted(caller);
      await installation.stopServer(index);
      await moreAccepted(caller);
      await installation.startServerAgain(index);
    }
    await moreAccepted(caller);
    await caller.stop();
    for (const each of held) each.letGo();

    expect(caller.failures).toEqual([]);
    expect(caller.detours).toBeGreaterThan(0);
    for (const id of [...caller.accepted, ...held.map((each) => each.id)]) await expectRunOnce(id, installation.api);
    expect(submitViolations([...before, ...caller.accepted], await installation.api.jobs(), 0)).toEqual([]);
  },
  WITHIN_MS,
);

test(
  'kill -9 of one server: its runners go on with their attempts on the other, its queue is worked off there',
  async () => {
    const [dead, alive] = [installation.servers[0]!.api, installation.servers[1]!.api];
    const [ours, others] = [await runnerOn(0), await runnerOn(1)];
    const held = [await holding(ours), await holding(others)];
    const waiting: string[] = [];
    for (const { instance } of [ours, others, ours, others, ours, others]) {
      const { id } = await dead.submit({ steps: [installation.ledger.mark()], runner: 'e2e', instance });
      waiting.push(id);
    }
    await installation.killServer(0);
    for (const each of held) each.letGo();
    const ids = [...held.map((each) => each.id), ...waiting];
    for (const id of ids) await expectRunOnce(id, alive);

    // and the one that comes back finds everything as it is
    const ended = await details(ids, alive);
    await installation.startServerAgain(0);
    expect(await details(ids, dead)).toEqual(ended);
  },
  WITHIN_MS,
);

test(
  'a server frozen for longer than a lease: the other does its work, and thawed it does no harm',
  async () => {
    const [frozen, awake] = [installation.servers[0]!, installation.servers[1]!];
    const [ours, others] = [await runnerOn(0), await runnerOn(1)];
    const held = await holding(ours);
    const submit = async (instance: string, api: Api): Promise<string> =>
      (await api.submit({ steps: [installation.ledger.mark()], runner: 'e2e', instance })).id;
    const gated = await holding(others);
    const queued = [await submit(others.instance, frozen.api), await submit(others.instance, awake.api)];

    installation.freezeServer(0);
    const frozenAtMs = performance.now();
    gated.letGo();
    const endedMeanwhile = [gated.id, ...queued];
    for (const id of endedMeanwhile) await expectRunOnce(id, awake.api);
    const ended = await details(endedMeanwhile, awake.api);
    await delay(Math.max(0, frozenAtMs + 1.2 * LEASE_MS - performance.now()));
    installation.thawServer(0);

    // the thawed one dispatches again, to the runner that left it too
    for (const { instance } of [others, ours]) {
      const id = await submit(instance, frozen.api);
      if (instance === ours.instance) held.letGo();
      await expectRunOnce(id, frozen.api);
    }
    const job = await frozen.api.finished(held.id, PATIENCE_MS);
    // its runner took it to the other server, or it was given to it again; at no time it ran twice
    expect({ state: job.state, wrong: await installation.judge(job) }).toEqual({ state: 'succeeded', wrong: [] });
    expect(job.attempts.length).toBeLessThanOrEqual(2);
    expect(await details(endedMeanwhile, frozen.api)).toEqual(ended);
    expect(await details(endedMeanwhile, awake.api)).toEqual(ended);
  },
  WITHIN_MS,
);

/** Connected to this server; when it loses it, it finds either. */
async function runnerOn(index: number, slots = 1): Promise<RunningRunner> {
  const [first, second] = [installation.servers[index]!, installation.servers[1 - index]!];
  const proxy = await TcpProxy.start(first.url);
  proxies.push(proxy);
  const runner = await installation.startRunner({ slots, via: proxy });
  runners.push(runner);
  proxy.alsoTo(second.url);
  return runner;
}

/** A job that this runner works on until it is let go. */
async function holding({ instance }: RunningRunner): Promise<{ readonly id: string; letGo(): void }> {
  const gate = path.join(installation.folder, `gate-${(gates += 1)}`);
  const run = installation.ledger.command({ lines: 5, untilFile: gate });
  const { id } = await installation.api.submit({ steps: [{ run }], runner: 'e2e', instance });
  const begun = (): true | undefined => installation.ledger.of(id).length > 0 || undefined;
  await eventually(`${instance} works on its job`, begun, PATIENCE_MS);
  return { id, letGo: () => fs.writeFileSync(gate, '') };
}

async function moreAccepted(caller: SteadyCaller): Promise<void> {
  const enough = caller.accepted.length + 10;
  await eventually('more jobs are accepted', () => caller.accepted.length >= enough || undefined, PATIENCE_MS);
}

async function expectRunOnce(id: string, api: Api): Promise<void> {
  const job = await api.finished(id, PATIENCE_MS);
  const { state, attempts } = job;
  const wrong = await installation.judge(job);
  expect({ id, state, attempts: attempts.map(({ outcome }) => outcome), wrong }).toEqual({
    id,
    state: 'succeeded',
    attempts: ['succeeded'],
    wrong: [],
  });
}

function details(ids: readonly string[], api: Api): Promise<JobDetail[]> {
  return Promise.all(ids.map((id) => api.job(id)));
}
