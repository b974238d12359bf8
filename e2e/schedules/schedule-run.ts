import { setTimeout as delay } from 'node:timers/promises';
import type { JobDetail, Page } from '@dibs/shared';
import type { RunnerCredentials } from '../../server/test/support/fake-runner.js';
import type { Api } from '../support/api.js';
import { eventually } from '../support/eventually.js';
import { Installation, type RunningRunner } from '../support/installation.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Drains } from './drains.js';
import { FakeWorker } from './fake-worker.js';
import { Harm } from './harm.js';
import { Judge } from './judge.js';
import { liveness } from './liveness.js';
import { FAKES, REALS, SCHEDULE_TIME_SCALE, SERVERS } from './make-schedule.js';
import { lift, Pauses, type PauseKind } from './pauses.js';
import { Resends } from './resends.js';
import type { Action, PlannedJob, Schedule } from './schedule.js';
import { APART, Submissions } from './submissions.js';
import { installWitness, readOrganizationId } from './witness.js';

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
  isApart: false,
  fanOut: null,
};

export interface ScheduleOptions {
  readonly serverArguments?: readonly string[];
  readonly runnerArguments?: readonly string[];
  /** Time after the heal in which everything must have ended. */
  readonly quietWithinMs?: number;
  /** Ends when a violation was found that reads like each of these: to see whether bugs are caught at all. */
  readonly untilFound?: readonly RegExp[];
}

/** Plays one schedule against real servers, real runners and fake ones; then holds what it saw against the rules. */
export class ScheduleRun {
  private readonly reals: { runner: RunningRunner; proxy: TcpProxy }[] = [];
  private readonly fakes: FakeWorker[] = [];
  private readonly everyFake: FakeWorker[] = [];
  private readonly harm = new Harm();
  private readonly submissions: Submissions;
  private readonly pauses = new Pauses();
  private readonly drains = new Drains();
  private readonly resends = new Resends();
  private readonly judge: Judge;
  private readonly underWay = new Set<Promise<void>>();
  private readonly busyServers = new Set<number>();
  private readonly busyReals = new Set<number>();
  private crowd!: TcpProxy;
  private credentials!: RunnerCredentials;
  private databaseMoves: Promise<void> = Promise.resolve();
  private lookedAtSecond = -1;
  private look: Promise<void> | null = null;
  /** Not empty: all that was to be found. */
  private early: string[] = [];

  private constructor(
    private readonly installation: Installation,
    private readonly schedule: Schedule,
    private readonly options: ScheduleOptions,
  ) {
    this.submissions = new Submissions(installation.ledger);
    const { submissions, harm, pauses, drains, resends, everyFake } = this;
    this.judge = new Judge(installation, { submissions, harm, pauses, drains, resends, everyFake });
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
      this.lookEarly();
      if (this.early.length > 0) return this.early;
    }
    await Promise.all(this.underWay);
    await this.heal();
    return this.verdict();
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
    const isStanding = index === FAKES - 1;
    const fake = new FakeWorker({ url: this.crowd.url }, this.credentials, `fake-${index}`, ledger.file, isStanding);
    this.fakes[index] = fake;
    this.everyFake.push(fake);
  }

  private async startReal(index: number, instance: string): Promise<void> {
    const proxy =
      this.reals[index]?.proxy ?? (await TcpProxy.start(...this.installation.servers.map((server) => server.url)));
    this.drains.noteEnd(instance);
    proxy.onData = this.resends.listener(instance);
    const nodeArguments = this.options.runnerArguments ?? [];
    const env = { RUNNER_LABELS: `pool=${APART.pool}`, RUNNER_STANDING_CLAIMS: String(index === 0) };
    const runner = await this.installation.startRunner({ instance, slots: SLOTS, via: proxy, nodeArguments, env });
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
      case 'cancel':
        return this.submissions.cancel(this.apisFrom(action.server)[0]!, action.nth, action.mode);
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
        // it may take over, as another process, of which nobody has asked a drain
        this.drains.noteEnd(`fake-${action.fake}`);
        return this.fakes[action.fake]?.twin(this.installation.servers);
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
          this.pauses.noteDisturbance();
        });
      case 'pause':
        return this.pause(action);
      case 'drain':
        return this.drains.hold(
          this.apisFrom(action.server),
          this.drainOf(action.instance),
          action.instance,
          action.forMs,
        );
      case 'crash-database':
        this.databaseMoves = this.databaseMoves.then(() => this.installation.database!.crashAndRestart());
        return this.databaseMoves.then(() => this.pauses.noteDisturbance());
    }
  }

  private async endReal(action: Action & { do: 'kill-real' | 'drain-real' }, runner: RunningRunner): Promise<void> {
    if (action.do === 'drain-real') {
      runner.process.signal('SIGTERM');
      await runner.process.endsWithin(60_000);
    } else {
      this.harm.note(runner.instance);
      await runner.process.kill();
      if (!action.back) return;
    }
    await this.startReal(action.real, runner.instance);
  }

  private async pause({ server, kind, forMs }: Action & { do: 'pause' }): Promise<void> {
    const { apart } = this.submissions;
    const covers = (job: string): boolean => kind !== 'lane' || apart.has(job);
    const id = await this.pausedId(kind).catch(() => null);
    if (id !== null) await this.pauses.hold(this.apisFrom(server), kind, id, forMs, covers);
  }

  /** null: there is nothing of this kind yet. */
  private async pausedId(kind: PauseKind): Promise<string | null> {
    if (kind === 'server') return '';
    if (kind === 'runner') return this.credentials.runnerId;
    if (kind === 'organization') return readOrganizationId(this.installation.databaseUrl);
    const [job] = this.submissions.apart;
    if (job === undefined) return null;
    // its server may be killed, or the database crash, in this moment
    return (await eventually('the lane', () => this.installation.anyApi.job(job))).lane;
  }

  private drainOf(instance: string): string {
    return `/api/v1/runners/${this.credentials.runnerId}/instances/${instance}/drain`;
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
    const apis = this.apisFrom(0);
    await this.pauses.liftAll(apis);
    for (const { runner } of this.reals) await lift(apis, this.drainOf(runner.instance));
    for (const { instance } of this.fakes) await lift(apis, this.drainOf(instance));
  }

  private async verdict(): Promise<string[]> {
    const unfinished = await this.untilQuiet();
    const found = await this.judge.meanwhile();
    if (unfinished.length > 0) return [...found, ...unfinished];
    const names = [...this.reals.map(({ runner }) => runner.instance), ...this.fakes.map((fake) => fake.instance)];
    return [...found, ...(await this.judge.afterwards()), ...(await liveness(this.installation, names))];
  }

  /** L1, L2, L4: everything has ended, some time after the heal. */
  private async untilQuiet(): Promise<string[]> {
    const deadline = performance.now() + (this.options.quietWithinMs ?? 120_000);
    for (;;) {
      const open = await this.unfinished().catch((error: unknown) => [`L3: ${String(error)}`]);
      if (open.length === 0 || performance.now() > deadline) return open;
      this.lookEarly();
      if (this.early.length > 0) return this.early;
      await delay(200);
    }
  }

  private async unfinished(): Promise<string[]> {
    const states = ['waiting', 'queued', 'claimed', 'running'].map((state) => `state=${state}`).join('&');
    const page = await this.installation.api.call<Page<JobDetail>>('GET', `/api/v1/jobs?limit=100&${states}`);
    return page.items.map(({ id, state, attempt }) => {
      const rule = this.submissions.canceled.has(id) ? 'L4' : 'L1/L2';
      return `${rule}: job ${id} is ${state}, attempt ${attempt}, not terminal`;
    });
  }

  /** Looks once a second, and only when bugs are to be caught; the schedule goes on meanwhile. */
  private lookEarly(): void {
    const { untilFound } = this.options;
    const second = Math.floor(performance.now() / 1_000);
    if (!untilFound || this.look !== null || second === this.lookedAtSecond) return;
    this.lookedAtSecond = second;
    const looks = [this.judge.meanwhile(), this.judge.overlaps()].map((look) => look.catch(() => []));
    this.look = Promise.all(looks).then((found) => {
      this.look = null;
      const all = found.flat();
      if (untilFound.every((caught) => all.some((violation) => caught.test(violation)))) this.early = all;
    });
  }

  private async stop(): Promise<void> {
    this.resends.stop();
    await this.look;
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
