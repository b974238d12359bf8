import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  grantedJobs,
  type GrantedJob,
  type HeldAttempt,
  type JobFinished,
  type JobId,
  type JobsGranted,
  type Offer,
  type Renewed,
  type Reply,
} from '@dibs/shared';
import { eventually } from '../support/eventually.js';
import { APART } from './submissions.js';
import { FakeRunner, heldOf, succeeded, type RunnerCredentials } from '../../server/test/support/fake-runner.js';

const SLOTS = 2;
const TICK_MS = 20;
const REPEATED_CLAIMS = 4;
/** Renewals after which the server knows that a grant has come: it repeats one that two in a row did not name. */
const NAMED_ENOUGH = 2;

/** What a fake runner saw with its own eyes, for the checker. */
export interface Sighting {
  readonly claims: { readonly claimId: string; readonly job: string; readonly attempt: number }[];
  readonly results: { readonly job: string; readonly attempt: number; readonly outcome: JobFinished['outcome'] }[];
  /** Attempts that the server took away while they were worked on and their leases were trusted. */
  readonly taken: {
    readonly job: string;
    readonly attempt: number;
    readonly instance: string;
    readonly atMs: number;
  }[];
  readonly violations: string[];
}

interface Work {
  readonly job: GrantedJob;
  /** Why it must stop; null: it need not. */
  stop: 'fenced' | 'canceled' | null;
  isExecuting: boolean;
  /** Renewals over the connection of now that named it and were answered. */
  named: number;
}

/**
 * A runner of another make: claims what is offered, or is granted jobs when it makes standing claims, and plays the steps
 * itself into the same ledger. It keeps the rules: it renews, fences itself, resumes after a cut and reports until it is
 * answered.
 */
export class FakeWorker {
  readonly seen: Sighting = { claims: [], results: [], taken: [], violations: [] };
  private readonly bootId = randomUUID();
  private readonly work = new Map<JobId, Work>();
  /** Of each job the last claim that was granted. */
  private readonly granted = new Map<JobId, { readonly claimId: string; readonly job: GrantedJob }>();
  private link: FakeRunner | null = null;
  private trustedUntilMs = 0;
  private stopped = false;
  private readonly looping: Promise<void>;

  constructor(
    private readonly server: { readonly url: string },
    private readonly runner: RunnerCredentials,
    readonly instance: string,
    private readonly ledgerFile: string,
    private readonly standing: boolean,
  ) {
    this.looping = this.stayConnected();
  }

  /** Holds at least one attempt right now. */
  get busy(): boolean {
    return this.work.size > 0;
  }

  /** Cuts its connection; it comes back by itself. */
  drop(): void {
    this.link?.close();
  }

  /** Gone for good, without a word: what it holds is lost. */
  async vanish(): Promise<void> {
    this.stopped = true;
    for (const work of this.work.values()) work.stop = 'fenced';
    this.link?.close();
    await this.looping;
  }

  /**
   * Disconnects with an attempt in its hands, stays away until `isGivenAway`, and then reports that attempt as failed,
   * as if it had never heard of fencing.
   */
  async reportLate(isGivenAway: (held: HeldAttempt) => Promise<boolean>): Promise<void> {
    let work: Work | undefined;
    for (const deadline = Date.now() + 10_000; !work && Date.now() < deadline;) {
      // one that nobody else may take: another could have gone on before it is reported
      work = [...this.work.values()].find(({ job }) => job.spec.instance === this.instance);
      await delay(TICK_MS);
    }
    if (!work) return;
    const { job } = work;
    await this.vanish();
    for (const deadline = Date.now() + 30_000; !(await isGivenAway(heldOf(job)));) {
      if (Date.now() > deadline) return;
      await delay(TICK_MS);
    }
    // the database may crash, or a server be killed, in this moment
    const identity = { instance: this.instance, bootId: this.bootId };
    const back = await eventually('the late reporter', () => FakeRunner.online(this.server, this.runner, identity));
    await this.deliver(() => back, { ...succeeded(job), outcome: 'failed', reason: 'step_failed', exitCode: 9 }).catch(
      () => undefined,
    );
    back.close();
  }

  /** Other processes with the same name, one at each server: of all only one may be believed to be this instance. */
  async twin(servers: readonly { readonly url: string }[]): Promise<void> {
    const { instance, runner } = this;
    const connecting = servers.map((server) => FakeRunner.online(server, runner, { instance }).catch(() => null));
    const others = (await Promise.all(connecting)).filter((other) => other !== null);
    const sessions = this.link === null ? others : [...others, this.link];
    const replies = await Promise.all(sessions.map((session) => session.renew().catch(() => null)));
    const live = replies.filter((reply) => reply?.ok).length;
    if (live > 1) this.seen.violations.push(`I11: ${live} live sessions of instance ${instance}`);
    for (const other of others) other.close();
  }

  private async stayConnected(): Promise<void> {
    while (!this.stopped) {
      await this.oneConnection().catch(() => undefined);
      this.link = null;
      await delay(200);
    }
  }

  private async oneConnection(): Promise<void> {
    const { instance, bootId } = this;
    const sentAtMs = performance.now();
    const hello = { slots: SLOTS, held: this.held(), standing: this.standing, labels: APART };
    const link = await FakeRunner.online(this.server, this.runner, { instance, bootId, hello, renews: false });
    const { timing, attempts, granted } = link.welcome;
    for (const each of attempts) if (each.standing === 'fenced') this.stop(each.jobId, each.attempt, 'fenced');
    if (this.stopped) return link.close();
    this.trustedUntilMs = sentAtMs + timing.trustMs;
    this.link = link;
    for (const work of this.work.values()) work.named = 0;
    if (this.standing) this.takeGrants(grantedJobs({ jobs: granted }));
    link.socket.on('job:granted', (message: JobsGranted) => this.takeGrants(grantedJobs(message)));
    link.socket.on('job:offer', ({ offers }: { offers: readonly Offer[] }) => this.claimSome(link, offers));
    link.socket.on('job:cancel', ({ jobId, attempt }: HeldAttempt) => this.stop(jobId, attempt, 'canceled'));
    const renewing = setInterval(
      () => void this.renew(link, timing.trustMs).catch(() => undefined),
      timing.renewEveryMs / 3,
    );
    try {
      await link.disconnected;
    } finally {
      clearInterval(renewing);
    }
  }

  private async renew(link: FakeRunner, trustMs: number): Promise<void> {
    const sentAtMs = performance.now();
    const held = this.held();
    const reply: Reply<Renewed> = await link.renew({ held, freeSlots: Math.max(0, SLOTS - held.length) });
    if (!reply.ok) return;
    for (const { jobId, attempt } of reply.fenced) this.stop(jobId, attempt, 'fenced');
    for (const { jobId, attempt } of reply.cancels) this.stop(jobId, attempt, 'canceled');
    this.trustedUntilMs = Math.max(this.trustedUntilMs, sentAtMs + trustMs);
    for (const { jobId, attempt } of held) {
      const work = this.inHand(jobId, attempt);
      if (work && link === this.link) work.named += 1;
    }
  }

  private claimSome(link: FakeRunner, offers: readonly Offer[]): void {
    // without an answer it may have been granted: the hello of the same process does not name it, so it runs out
    for (const { jobId } of offers) void this.claimOne(link, jobId).catch(() => undefined);
  }

  private async claimOne(link: FakeRunner, jobId: JobId): Promise<void> {
    // as one that never heard what became of it: an attempt that is over is not given to its claim once more
    const earlier = this.granted.get(jobId);
    if (earlier) await this.claimAgain(link, jobId, earlier.claimId);
    const claimId = randomUUID();
    const result = await link.claim(jobId, claimId);
    if (!result.ok || this.stopped) return;
    this.granted.set(jobId, { claimId, job: result.job });
    this.seen.claims.push({ claimId, job: jobId, attempt: result.job.attempt });
    void this.run(result.job);
    if (earlier) await this.printLate(link, earlier.job);
    // as one that lost the answer: the same claim is the same attempt
    if (this.seen.claims.length % REPEATED_CLAIMS === 0) await this.claimAgain(link, jobId, claimId);
  }

  private async claimAgain(link: FakeRunner, job: JobId, claimId: string): Promise<void> {
    const result = await link.claim(job, claimId);
    if (result.ok) this.seen.claims.push({ claimId, job, attempt: result.job.attempt });
  }

  /** A line of an attempt that another has followed. */
  private async printLate(link: FakeRunner, job: GrantedJob): Promise<void> {
    const lines = [[Date.now(), 0, 'o', 'too late']];
    const reply = await link.request('job:log', { ...heldOf(job), firstSeq: 1, lines });
    if (reply.ok) this.seen.violations.push(`I6: a line of ${job.jobId}/${job.attempt} was taken after the next claim`);
  }

  /** A grant that comes twice is the same one; once it is known to be here there is no reason to send it again. */
  private takeGrants(jobs: readonly GrantedJob[]): void {
    for (const job of jobs) {
      if ((this.inHand(job.jobId, job.attempt)?.named ?? 0) >= NAMED_ENOUGH)
        this.seen.violations.push(
          `I14: ${this.instance} was granted ${job.jobId}/${job.attempt} again while it held it`,
        );
      const claimId = `the grant of ${job.jobId}/${job.attempt} to ${this.instance}`;
      if (this.stopped || this.seen.claims.some((claim) => claim.claimId === claimId)) continue;
      this.seen.claims.push({ claimId, job: job.jobId, attempt: job.attempt });
      void this.run(job);
    }
  }

  private async run(job: GrantedJob): Promise<void> {
    const work: Work = { job, stop: null, isExecuting: false, named: 0 };
    this.work.set(job.jobId, work);
    try {
      await this.steps(work);
    } catch {
      // refused or gone: it is not its attempt any more
    } finally {
      if (this.work.get(job.jobId) === work) this.work.delete(job.jobId);
    }
  }

  private async steps(work: Work): Promise<void> {
    const { job } = work;
    const report = (result: Partial<JobFinished>): Promise<void> =>
      this.deliver(() => this.link, { ...succeeded(job), ...result });
    if (job.spec.executor.type === 'noop') return report({});
    for (const [step, { run }] of job.spec.steps.entries()) {
      if (step !== job.startedStep) await this.ask('step:started', { ...heldOf(job), step, atMs: Date.now() });
      work.isExecuting = true;
      const exitCode = await this.execute(work, step, run);
      work.isExecuting = false;
      if (work.stop === 'canceled') return report({ outcome: 'canceled', reason: 'canceled', exitCode: null });
      if (exitCode === null) return;
      const state = exitCode === 0 ? 'succeeded' : 'failed';
      await this.ask('step:finished', { ...heldOf(job), step, atMs: Date.now(), state, exitCode, signal: null });
      if (exitCode !== 0) return report({ outcome: 'failed', reason: 'step_failed', exitCode });
    }
    return report({});
  }

  /** @returns null when it had to stop */
  private async execute(work: Work, step: number, run: string): Promise<number | null> {
    const endAtMs = performance.now() + numberAfter(run, 'hold');
    const write = (phase: 'start' | 'alive' | 'end', more = {}): void => this.record(work.job, step, phase, more);
    if (this.mustStop(work)) return null;
    write('start');
    while (performance.now() < endAtMs) {
      await delay(TICK_MS);
      if (this.mustStop(work)) return null;
      write('alive');
    }
    const exitCode = numberAfter(run, 'exit');
    write('end', { exitCode });
    return exitCode;
  }

  private mustStop(work: Work): boolean {
    if (performance.now() > this.trustedUntilMs) work.stop ??= 'fenced';
    return work.stop !== null;
  }

  private async ask(event: string, message: object): Promise<void> {
    const reply = await this.untilAnswered(
      () => this.link,
      (link) => link.request(event, message),
    );
    if (!reply.ok) throw new Error(reply.code);
  }

  private async deliver(link: () => FakeRunner | null, result: JobFinished): Promise<void> {
    const reply = await this.untilAnswered(link, (open) => open.finish(result));
    const { jobId: job, attempt, outcome } = result;
    if (reply.ok) this.seen.results.push({ job, attempt, outcome });
  }

  private async untilAnswered(
    link: () => FakeRunner | null,
    send: (open: FakeRunner) => Promise<Reply>,
  ): Promise<Reply> {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await delay(TICK_MS)) {
      const open = link();
      const reply = open && (await send(open).catch(() => null));
      if (reply && (reply.ok || !reply.retryable)) return reply;
      if (this.stopped && open === null) break;
    }
    throw new Error('never answered');
  }

  private held(): HeldAttempt[] {
    return [...this.work.values()].map(({ job }) => heldOf(job));
  }

  private stop(jobId: JobId, attempt: number, why: 'fenced' | 'canceled'): void {
    const work = this.inHand(jobId, attempt);
    if (!work) return;
    if (why === 'fenced' && work.isExecuting && !this.mustStop(work))
      this.seen.taken.push({ job: jobId, attempt, instance: this.instance, atMs: Date.now() });
    work.stop ??= why;
  }

  private inHand(jobId: JobId, attempt: number): Work | undefined {
    const work = this.work.get(jobId);
    return work?.job.attempt === attempt ? work : undefined;
  }

  private record({ jobId: job, attempt }: GrantedJob, step: number, phase: string, more: object): void {
    const who = { job, attempt, step, instance: this.instance, pid: process.pid };
    const atMs = Number(process.hrtime.bigint() / 1000n) / 1000;
    fs.appendFileSync(this.ledgerFile, `${JSON.stringify({ ...who, phase, printed: 0, atMs, ...more })}\n`);
  }
}

/** Of the command that `Ledger.command` made: `'--hold' '30'`. */
function numberAfter(command: string, option: string): number {
  return Number(new RegExp(`'--${option}' '(\\d+)'`).exec(command)?.[1] ?? 0);
}
