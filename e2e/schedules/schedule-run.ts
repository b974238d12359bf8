import { setTimeout as delay } from 'node:timers/promises';
import type { JobDetail, Page } from '@dibs/shared';
import type { RunnerCredentials } from '../../server/test/support/fake-runner.js';
import type { Api } from '../support/api.js';
import { submitViolations, violations } from '../support/checker.js';
import { Installation, type RunningRunner } from '../support/installation.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { FakeWorker } from './fake-worker.js';
import { Harm } from './harm.js';
import { groupViolations, historyViolations } from './history-checker.js';
import { FAKES, REALS, SCHEDULE_TIME_SCALE, SERVERS } from './make-schedule.js';
import type { Action, PlannedJob, Schedule } from './schedule.js';
import { Submissions } from './submissions.js';
import { installWitness, readWitness } from './witness.js';

const PROBE_MS = 15_000;
const SLOTS = 2;
const LATE_JOB: PlannedJob = {
  executor: 'shell',
  steps: 1,
  holdMs: 2_000,
  lines: 0,
  exitCode: 0,
  onLost: 'requeue',
  maxAttempts: 4,
  tries: 1,
  group: null,
  priority: 20,
};

export interface ScheduleOptions {
  readonly serverArguments?: readonly string[];
  readonly runnerArguments?: readonly string[];
  /** Time after the heal in which everything must have ended. */
  readonly quietWithinMs?: number;
  /** Ends with the first violation that reads like this: to see whether a bug is caught at all. */
  readonly untilFound?: RegExp;
}

/** Plays one schedule against real servers, real runners and fake ones; then holds what it saw against the rules. */
export class ScheduleRun {
  private readonly reals: { runner: RunningRunner; proxy: TcpProxy }[] = [];
  private readonly fakes: FakeWorker[] = [];
  private readonly everyFake: FakeWorker[] = [];
  private readonly harm = new Harm();
  private readonly submissions: Submissions;
  private readonly underWay = new Set<Promise<void>>();
  private readonly busyServers = new Set<number>();
  private readonly busyReals = new Set<number>();
  private crowd!: TcpProxy;
  private credentials!: RunnerCredentials;
  private databaseMoves: Promise<void> = Promise.resolve();
  private lookedAtSecond = -1;

  private constructor(
    private readonly installation: Installation,
    private readonly schedule: Schedule,
    private readonly options: ScheduleOptions,
  ) {
    this.submissions = new Submissions(installation.ledger);
  }

  /** @returns one sentence per violation */
  static async play(schedule: Schedule, options: ScheduleOptions = {}): Promise<string[]> {
    const installation = await Installation.start({
      timeScale: SCHEDULE_TIME_SCALE,
      ownDatabase: true,
      servers: SERVERS,
      serverArguments: options.serverArguments ?? [],
    });
    const run = new ScheduleRun(installation, schedule, options);
    try {
      await installWitness(installation.databaseUrl);
      return await run.play();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${installation.tails()}`, { cause: error });
    } finally {
      await run.stop();
    }
  }

  private async play(): Promise<string[]> {
    const urls = this.installation.servers.map((server) => server.url);
    this.crowd = await TcpProxy.start(...urls);
    const { id: runnerId, credentials } = await this.installation.record();
    this.credentials = { runnerId, ...credentials! };
    await this.startReal(0, 'real-0');
    for (const action of this.schedule.opening) this.begin(this.act(action));
    await this.untilBegun(this.schedule.opening.length);
    const startedAtMs = performance.now();
    this.begin(this.join());
    for (const { atMs, action } of this.schedule.actions) {
      await delay(Math.max(0, startedAtMs + atMs - performance.now()));
      this.begin(this.act(action));
      const early = await this.foundEarly(atMs);
      if (early.length > 0) return early;
    }
    await Promise.all(this.underWay);
    await this.heal();
    return this.judge();
  }

  /** The first real runner is alone, so they are all in its hands. */
  private async untilBegun(jobs: number): Promise<void> {
    const begun = (): number => new Set(this.installation.ledger.records().map(({ job }) => job)).size;
    for (const deadline = Date.now() + 60_000; begun() < jobs; await delay(50)) {
      if (Date.now() > deadline) throw new Error(`the first runner works on ${begun()} of ${jobs} jobs`);
    }
  }

  private async join(): Promise<void> {
    for (let index = 0; index < FAKES; index += 1) this.joinFake(index);
    for (let index = 1; index < REALS; index += 1) await this.startReal(index, `real-${index}`);
  }

  private joinFake(index: number): void {
    const { ledger } = this.installation;
    const fake = new FakeWorker({ url: this.crowd.url }, this.credentials, `fake-${index}`, ledger.file);
    this.fakes[index] = fake;
    this.everyFake.push(fake);
  }

  private async startReal(index: number, instance: string): Promise<void> {
    const proxy =
      this.reals[index]?.proxy ?? (await TcpProxy.start(...this.installation.servers.map((server) => server.url)));
    const nodeArguments = this.options.runnerArguments ?? [];
    const runner = await this.installation.startRunner({ instance, slots: SLOTS, via: proxy, nodeArguments });
    this.reals[index] = { runner, proxy };
  }

  private begin(work: Promise<void>): void {
    this.underWay.add(work);
    // whoever waits for everything under way is told what failed; this is only to forget it
    work.then(
      () => this.underWay.delete(work),
      () => undefined,
    );
  }

  private async act(action: Action): Promise<void> {
    switch (action.do) {
      case 'submit':
        return this.submissions.submit(this.apisFrom(action.server), action.job, action.key);
      case 'cancel': {
        const id = this.submissions.accepted[action.nth];
        if (id !== undefined)
          await this.apisFrom(action.server)[0]!
            .cancel(id, action.mode)
            .catch(() => undefined);
        return;
      }
      case 'cut':
        return this.withReal(action.real, async ({ proxy }) => {
          proxy.setMode(action.mode);
          await delay(action.forMs);
          proxy.setMode('pass');
        });
      case 'reset':
        return this.reals[action.real]?.proxy.reset();
      case 'kill-real':
      case 'drain-real':
        return this.withReal(action.real, ({ runner }) => this.endReal(action, runner));
      case 'freeze-real':
        return this.withReal(action.real, async ({ runner }) => {
          this.harm.note(runner.instance);
          runner.process.signal('SIGSTOP');
          await delay(action.forMs);
          this.harm.note(runner.instance);
          runner.process.signal('SIGCONT');
        });
      case 'drop-fake':
        return this.fakes[action.fake]?.drop();
      case 'twin':
        return this.fakes[action.fake]?.twin();
      case 'vanish-fake':
        return this.vanish(action.fake);
      case 'late-report':
        return this.reportLate(action.fake);
      case 'kill-server':
        return this.withServer(action.server, async () => {
          await this.installation.killServer(action.server);
          await delay(action.forMs);
          await this.installation.startServerAgain(action.server);
        });
      case 'freeze-server':
        return this.withServer(action.server, async () => {
          const { process } = this.installation.servers[action.server]!;
          process.signal('SIGSTOP');
          await delay(action.forMs);
          process.signal('SIGCONT');
        });
      case 'crash-database':
        this.databaseMoves = this.databaseMoves.then(() => this.installation.database!.crashAndRestart());
        return this.databaseMoves;
    }
  }

  private async endReal(action: Action & { do: 'kill-real' | 'drain-real' }, runner: RunningRunner): Promise<void> {
    if (action.do === 'drain-real') {
      runner.process.signal('SIGTERM');
      await runner.process.endsWithin(30_000);
    } else {
      this.harm.note(runner.instance);
      await runner.process.kill();
      if (!action.back) return;
    }
    await this.startReal(action.real, runner.instance);
  }

  /** With something in its hands, if it gets anything within a moment. */
  private async vanish(index: number): Promise<void> {
    const fake = this.fakes[index];
    for (const deadline = Date.now() + 3_000; fake && !fake.busy && Date.now() < deadline;) await delay(10);
    await fake?.vanish();
  }

  /** A job of its own, so that it has one in its hands in every schedule. */
  private async reportLate(index: number): Promise<void> {
    const fake = this.fakes[index];
    if (!fake) return;
    const plan = { ...LATE_JOB, instance: fake.instance };
    this.begin(this.submissions.submit(this.apisFrom(0), plan, null));
    await fake.reportLate((held) => this.isGivenAway(held.jobId, held.attempt));
  }

  private async isGivenAway(id: string, attempt: number): Promise<boolean> {
    const job = await this.installation.anyApi.job(id).catch(() => null);
    return job !== null && job.attempts.some((each) => each.attempt === attempt && each.outcome !== null);
  }

  /** One trouble at a time for each process: a second would only hide the first. */
  private withReal(index: number, work: (real: { runner: RunningRunner; proxy: TcpProxy }) => Promise<void>) {
    const real = this.reals[index];
    return real?.runner.process.running ? alone(this.busyReals, index, () => work(real)) : Promise.resolve();
  }

  /** The other server stays: an installation without any is a scenario of its own. */
  private withServer(index: number, work: () => Promise<void>): Promise<void> {
    return this.busyServers.size > 0 ? Promise.resolve() : alone(this.busyServers, index, work);
  }

  private apisFrom(index: number): Api[] {
    const apis = this.installation.servers.map((server) => server.api);
    return [...apis.slice(index), ...apis.slice(0, index)];
  }

  private async heal(): Promise<void> {
    for (const { proxy } of this.reals) proxy.setMode('pass');
    for (const [index, { runner }] of this.reals.entries()) {
      if (!runner.process.running) await this.startReal(index, runner.instance);
    }
    // a job with onLost wait is given to the same instance only: the ones that went for good come back as new processes
    for (const index of [0, 1]) this.joinFake(index);
  }

  private async judge(): Promise<string[]> {
    const unfinished = await this.untilQuiet();
    const found = await this.safety();
    if (unfinished.length > 0) return [...found, ...unfinished];
    const present = await this.installation.api.jobs();
    const lost = submitViolations(this.submissions.accepted, present, this.submissions.maybe);
    const jobs = await this.details(present);
    for (const job of jobs) found.push(...(await this.judgeJob(job)));
    found.push(...this.resultViolations(jobs), ...(await this.liveness()));
    return [...found, ...lost, ...this.submissions.violations];
  }

  /** L1, L2, L4: everything has ended, some time after the heal. */
  private async untilQuiet(): Promise<string[]> {
    const deadline = performance.now() + (this.options.quietWithinMs ?? 60_000);
    for (;;) {
      const open = await this.unfinished().catch((error: unknown) => [`L3: ${String(error)}`]);
      if (open.length === 0 || performance.now() > deadline) return open;
      const early = await this.foundEarly(Math.round(performance.now()));
      if (early.length > 0) return early;
      await delay(200);
    }
  }

  private async unfinished(): Promise<string[]> {
    const states = ['waiting', 'queued', 'claimed', 'running'].map((state) => `state=${state}`).join('&');
    const page = await this.installation.api.call<Page<JobDetail>>('GET', `/api/v1/jobs?limit=100&${states}`);
    return page.items.map((job) => `L1/L2: job ${job.id} is ${job.state}, attempt ${job.attempt}, not terminal`);
  }

  private async details(ids: readonly string[]): Promise<JobDetail[]> {
    const jobs: JobDetail[] = [];
    for (const id of ids) jobs.push(await this.installation.api.job(id));
    return jobs;
  }

  private async judgeJob(job: JobDetail): Promise<string[]> {
    const ledger = this.installation.ledger.of(job.id);
    const logs = await this.installation.logs(job);
    return violations({ job, ledger, logs, excused: this.harm.excused(job) }).map((text) => `job ${job.id}: ${text}`);
  }

  /** What can be seen while everything is still under way. */
  private async safety(): Promise<string[]> {
    const changes = await readWitness(this.installation.databaseUrl);
    return [
      ...historyViolations(changes),
      ...groupViolations(changes, this.submissions.groupOf, 1),
      ...this.claimViolations(),
      ...this.everyFake.flatMap((fake) => fake.seen.violations),
    ];
  }

  /** Looks once a second, and only when a bug is to be caught. */
  private async foundEarly(atMs: number): Promise<string[]> {
    const { untilFound } = this.options;
    const second = Math.floor(atMs / 1_000);
    if (!untilFound || second === this.lookedAtSecond) return [];
    this.lookedAtSecond = second;
    const found = [...(await this.safety().catch(() => [])), ...(await this.overlaps().catch(() => []))];
    return found.filter((violation) => untilFound.test(violation));
  }

  private async overlaps(): Promise<string[]> {
    const found: string[] = [];
    for (const id of this.installation.ledger.jobsWithSeveralAttempts()) {
      found.push(...(await this.judgeJob(await this.installation.anyApi.job(id))));
    }
    return found.filter((violation) => violation.includes('I2:'));
  }

  /** I3: one claimId is one attempt; and one attempt is given to one claim only (I1). */
  private claimViolations(): string[] {
    const owners = new Map<string, string>();
    const found: string[] = [];
    for (const { claimId, job, attempt } of this.everyFake.flatMap((fake) => fake.seen.claims)) {
      const key = `${job}/${attempt}`;
      if (owners.has(key)) found.push(`I1: attempt ${attempt} of job ${job} was granted to two claims`);
      owners.set(key, claimId);
    }
    return found;
  }

  /** I6, I13: a result that was acknowledged is what the attempt ended with, for ever; what is over takes none. */
  private resultViolations(jobs: readonly JobDetail[]): string[] {
    const byId = new Map<string, JobDetail>(jobs.map((job) => [job.id, job]));
    return this.everyFake.flatMap((fake) =>
      fake.seen.results.flatMap(({ job, attempt, outcome }) => {
        const stored = byId.get(job)?.attempts.find((each) => each.attempt === attempt)?.outcome;
        if (stored === outcome) return [];
        return [`I6/I13: attempt ${attempt} of job ${job} was acknowledged as ${outcome} and is ${stored}`];
      }),
    );
  }

  /** L3: every server is ready. L5: every instance that is there gets a job that only it may take. */
  private async liveness(): Promise<string[]> {
    const { api, servers } = this.installation;
    const ready = await Promise.all(servers.map(({ url }) => readiness(url)));
    const found = ready.flatMap((status, index) => (status === 200 ? [] : [`L3: server ${index} is not ready`]));
    const names = [...this.reals.map(({ runner }) => runner.instance), ...this.fakes.map((fake) => fake.instance)];
    const probes = names.map(async (instance) => {
      const job = await api.submit({ executor: { type: 'noop' }, steps: [{ run: 'true' }], runner: 'e2e', instance });
      const ended = await api.finished(job.id, PROBE_MS).catch(() => null);
      return ended?.state === 'succeeded' ? [] : [`L5: instance ${instance} is connected, but gets no job`];
    });
    return [...found, ...(await Promise.all(probes)).flat()];
  }

  private async stop(): Promise<void> {
    await Promise.allSettled(this.underWay);
    await Promise.allSettled(this.everyFake.map((fake) => fake.vanish()));
    for (const { runner } of this.reals) runner.process.signal('SIGCONT');
    await this.installation.stop();
    await Promise.all(this.reals.map(({ proxy }) => proxy.stop()));
    await this.crowd?.stop();
  }
}

async function alone(busy: Set<number>, index: number, work: () => Promise<void>): Promise<void> {
  if (busy.has(index)) return;
  busy.add(index);
  try {
    await work();
  } finally {
    busy.delete(index);
  }
}

function readiness(url: string): Promise<number | null> {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_MS) }).then(
    ({ status }) => status,
    () => null,
  );
}
