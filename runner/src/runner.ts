import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  grantedJobs,
  type GrantedJob,
  type HeldAttempt,
  type Hello,
  type Renew,
  type Tool,
  type Welcome,
} from '@dibs/shared';
import type { Logger } from 'pino';
import { Claimer } from './claim/claimer.js';
import { DiskGuard } from './claim/disk-guard.js';
import { askTiming } from './connection/ask-until-answered.js';
import { Link } from './connection/link.js';
import { LogUplink } from './connection/log-uplink.js';
import { createIdentity } from './connection/registration.js';
import { TokenSource } from './connection/token-source.js';
import { waitMs } from './connection/wait.js';
import { DrainState } from './drain-state.js';
import type { Executor } from './executors/executor.js';
import { Gate } from './policy/gate.js';
import type { CgroupRoot } from './process/cgroup-folder.js';
import { monotonicMs } from './process/monotonic.js';
import type { Watchdog } from './process/watchdog.js';
import { ResultBatches } from './report/result-batches.js';
import { ResultOutbox } from './report/result-outbox.js';
import type { ServerTerms } from './run/attempt-host.js';
import type { AttemptPaths } from './run/attempt-paths.js';
import { AttemptTable } from './run/attempt-table.js';
import { Contact } from './run/contact.js';
import { attemptKey, Journal } from './run/journal.js';
import { LeaseRenewer } from './run/lease-renewer.js';
import { NoopJobs } from './run/noop-jobs.js';
import { LOOKS_AT_ONCE, SourceLooks } from './run/source-looks.js';
import type { RunnerSettings } from './settings/settings.js';
import type { WorkDir } from './storage/work-dir.js';

export interface RunnerParts {
  readonly settings: RunnerSettings;
  readonly workDir: WorkDir;
  readonly paths: AttemptPaths;
  readonly executors: readonly Executor[];
  readonly cgroupRoot: CgroupRoot | null;
  readonly watchdog: Watchdog;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly tools: readonly Tool[];
  readonly version: string;
  readonly log: Logger;
}

/**
 * The whole machine: link → claimer → attempts → results.
 *
 * working → claims and runs jobs; draining → claims nothing more, finishes what it holds (asked for by the server it
 * stays like this, connected and idle, until the server takes it back or the process is restarted); closed.
 */
export class Runner {
  private readonly closing = new AbortController();
  private readonly link: Link;
  private readonly claimer: Claimer;
  private readonly attempts: AttemptTable;
  private readonly noops: NoopJobs;
  private readonly renewer: LeaseRenewer;
  private readonly contact = new Contact();
  private readonly uplink = new LogUplink();
  private readonly disk: DiskGuard;
  private readonly gate: Gate;
  private readonly looks: SourceLooks;
  private terms: ServerTerms | null = null;
  private readonly drainState = new DrainState({
    onChange: (draining, why) => {
      this.parts.log.info({ why, running: this.attempts.size }, draining ? 'draining' : 'no longer draining');
      void this.renewer.renewNow();
      this.checkIdle();
    },
    giveUp: () => this.giveUp(),
  });
  private whenIdle: (() => void)[] = [];

  constructor(private readonly parts: RunnerParts) {
    const { settings, workDir, log } = parts;
    const { timeScale, capacity, workspace, logStream } = settings;
    const { serverUrl, instance } = settings.link;
    const ask = askTiming(timeScale);
    const identity = createIdentity(settings.link, workDir.credentials, ask.timeoutMs, log);
    const tokens = new TokenSource(serverUrl, () => identity.credentials(), ask.timeoutMs);
    const closing = this.closing.signal;

    this.link = new Link({
      ...{ serverUrl, instance, bootId: randomUUID(), tokens, identity, timeScale, log },
      hello: () => this.hello(),
      listener: {
        welcomed: (welcome, sentAtMs) => this.welcomed(welcome, sentAtMs),
        down: () => this.linkDown(),
        'job:granted': (message) => this.granted(grantedJobs(message)),
        'job:offer': ({ offers }) => this.claimer.offered(offers),
        'job:withdraw': ({ jobIds }) => this.claimer.withdrawn(jobIds),
        'job:cancel': (order) => this.attempts.cancel(order),
        'job:watched': ({ jobId, watched }) => this.attempts.watched(jobId, watched),
        // a hint: whether to drain, and until when, comes with the renewal
        'runner:drain': () => void this.renewer.renewNow(),
        'source:look': (question, answer) => void this.looks.look(question).then(answer),
      },
    });
    this.renewer = new LeaseRenewer({
      link: this.link,
      snapshot: () => this.snapshot(),
      onRenewed: (reply, sent, sentAtMs) => {
        this.contact.renewed(sentAtMs);
        this.attempts.renewed(reply, sent, sentAtMs);
        this.drainState.follow(reply);
      },
      log,
    });
    const results = new ResultBatches({ link: this.link, ask, closing, log });
    this.noops = new NoopJobs(
      (result) => results.deliver(result),
      () => this.checkIdle(),
    );
    this.gate = new Gate(settings.gate, parts.tools, log);
    this.looks = new SourceLooks({
      ...{ gate: this.gate, cgroupRoot: parts.cgroupRoot, hostEnv: parts.hostEnv, closing, log },
      ...{ root: settings.workDir, allowFileUrls: workspace.allowFileUrls, pipeGraceMs: PIPE_GRACE_MS * timeScale },
    });
    this.attempts = new AttemptTable(
      {
        ...{ link: this.link, uplink: this.uplink, results, watchdog: parts.watchdog, slots: capacity.slots },
        running: () => this.attempts.size,
        journal: new Journal(workDir.journal, parts.paths, log),
        paths: parts.paths,
        outbox: new ResultOutbox(workDir.results, FLUSH_AFTER_MS, log),
        executors: parts.executors,
        gate: this.gate,
        cgroupRoot: parts.cgroupRoot,
        workDirId: workDir.id,
        hostEnv: parts.hostEnv,
        spoolFolder: workDir.spool,
        ...{ workspace, logStream, instance, ask, timeScale, log, closing },
        fileServer: { serverUrl, tokens },
        graceMs: GRACE_MS * timeScale,
        engineGraceMs: ENGINE_GRACE_MS * timeScale,
        pipeGraceMs: PIPE_GRACE_MS * timeScale,
        renewNow: () => this.renewer.renewNow(),
      },
      { released: (end) => this.slotFreed(end), settled: () => this.checkIdle() },
    );
    const folders = [settings.workDir];
    this.disk = new DiskGuard(folders, capacity.minimumFreeBytes, DISK_LOOK_MS * timeScale, log, () => {
      void this.renewer.renewNow();
      this.claimer.slotFreed();
    });
    this.claimer = new Claimer({
      ...{ link: this.link, ask, closing, log },
      freeSlots: () => capacity.slots - this.usedSlots,
      mayClaim: () => this.terms !== null && !this.drainState.isDraining && this.disk.hasRoom,
      isHeld: (jobId) => this.attempts.holds(jobId),
      onGranted: (job, sentAtMs) => this.begin(job, sentAtMs),
      onSettled: () => this.checkIdle(),
    });
  }

  async start(): Promise<void> {
    await this.gate.open();
    await this.attempts.recover();
    await this.disk.start();
    this.link.start();
  }

  /** Claims no more and tells the server so. */
  drain(why: string): void {
    this.drainState.stop(why);
  }

  /** How long what runs now may take to end when it is given up. */
  get stopGraceMs(): number {
    return (this.attempts.runsEngine ? ENGINE_GRACE_MS : GRACE_MS) * this.parts.settings.timeScale;
  }

  /** Ends the jobs that still run; they are lost with the reason `drain_deadline`, and their `onLost` decides. */
  giveUp(): void {
    this.attempts.stopAll({ kind: 'drain_deadline' });
  }

  /** Resolves when a draining runner holds nothing any more: every result is answered. */
  untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.whenIdle.push(resolve);
      this.checkIdle();
    });
  }

  /** @returns how many attempts are left on disk for the next process */
  async close(): Promise<number> {
    const left = this.attempts.size;
    this.closing.abort();
    this.disk.stop();
    await Promise.race([this.attempts.allSettled(), waitMs(CLOSE_MS, new AbortController().signal)]);
    this.renewer.stop();
    this.drainState.close();
    await this.link.stop();
    return left;
  }

  private hello(): Hello {
    const { settings, tools, version } = this.parts;
    const { slots, labels, standingClaims: standing } = settings.capacity;
    const draining = this.drainState.isDraining;
    return {
      ...{ hostName: hostname(), runnerVersion: version, slots, tools, labels, draining, standing },
      held: this.held(),
    };
  }

  private snapshot(): Renew {
    const draining = this.drainState.isDraining;
    const mayClaim = !draining && this.disk.hasRoom;
    // without the claims on their way: 0 would mean that nothing is wanted although slots are free
    const free = this.parts.settings.capacity.slots - this.usedSlots;
    return { held: this.held(), freeSlots: mayClaim ? Math.max(0, free) : 0, draining };
  }

  private held(): HeldAttempt[] {
    return [...this.attempts.held(), ...this.noops.held()];
  }

  private get usedSlots(): number {
    return this.attempts.usedSlots + this.noops.usedSlots;
  }

  private welcomed(welcome: Welcome, sentAtMs: number): void {
    this.terms = welcome;
    this.contact.welcomed(sentAtMs);
    this.uplink.linkUp(welcome.timing.trustMs);
    this.attempts.welcomed(welcome);
    this.granted(grantedJobs({ jobs: welcome.granted }));
    this.renewer.start(welcome.timing);
    if (welcome.limits.sourceLooks) void this.offerLooks();
  }

  /** Lost: the next connection says it again, and until then others are asked. */
  private async offerLooks(): Promise<void> {
    const { timeoutMs } = askTiming(this.parts.settings.timeScale);
    try {
      await this.link.request('source:offer', { atOnce: LOOKS_AT_ONCE }, timeoutMs);
    } catch (error) {
      this.parts.log.debug({ err: error }, 'the server did not learn that sources are looked at here');
    }
  }

  /** Drain included: what was granted is run, because the server counts it as taken. */
  private granted(jobs: readonly GrantedJob[]): void {
    for (const job of jobs) this.begin(job, this.contact.grantsTrustedFromMs);
  }

  private begin(job: GrantedJob, trustedFromMs: number): void {
    const key = attemptKey(job);
    const { log } = this.parts;
    if (this.attempts.knows(key) || this.noops.has(key)) return;
    if (job.spec.executor.type === 'noop') return this.noops.answer(job);
    const atMs = monotonicMs();
    this.attempts.start(job, this.terms as ServerTerms, trustedFromMs);
    // the job's process does not wait for words about it
    setImmediate(() => log.debug({ jobId: job.jobId, attempt: job.attempt, atMs }, 'claim granted'));
  }

  private linkDown(): void {
    this.uplink.linkDown();
    this.renewer.stop();
    this.claimer.linkDown();
    this.attempts.linkDown();
  }

  /** The server knows of every end that it acknowledged; a fenced attempt ends here later than there. */
  private slotFreed(end: 'reported' | 'fenced'): void {
    this.claimer.slotFreed();
    if (end === 'fenced') void this.renewer.renewNow();
  }

  private checkIdle(): void {
    if (!this.drainState.isDraining || !this.attempts.isSettled || !this.noops.isSettled || this.claimer.pending > 0)
      return;
    for (const wake of this.whenIdle.splice(0)) wake();
  }
}

const GRACE_MS = 10_000;
/** What writing a large state to slow storage may take. */
const ENGINE_GRACE_MS = 5 * 60_000;
const PIPE_GRACE_MS = 2000;
const DISK_LOOK_MS = 10_000;
/** A result that is answered by then needs no flush. */
const FLUSH_AFTER_MS = 100;
/** For closing files; whatever waits for the server ends at once. */
const CLOSE_MS = 5000;
