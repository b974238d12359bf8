import { setTimeout as delay } from 'node:timers/promises';
import type {
  AttemptStanding,
  CancelOrder,
  GrantedJob,
  HeldAttempt,
  JobFinished,
  LinkLimits,
  Refusal,
} from '@dibs/shared';
import type { Logger } from 'pino';
import { waitMs } from '../connection/wait.js';
import { JobLog } from '../logs/job-log.js';
import { deferred } from '../process/deferred.js';
import { deliverResult, type Delivery } from '../report/result-delivery.js';
import type { ResultRecord } from '../report/result-outbox.js';
import type { Workspace } from '../workspace/workspace.js';
import { askFinished, askStarted, type AttemptHost, type ServerTerms } from './attempt-host.js';
import {
  createAttemptLog,
  createMemoryLog,
  recoverAttemptLog,
  shippingLimits,
  type AttemptLog,
} from './attempt-log.js';
import type { AttemptResult, StopCause } from './attempt-outcome.js';
import { attemptTrust, type AttemptTrust } from './attempt-trust.js';
import { createJobRun } from './create-job-run.js';
import type { JobRun } from './job-run.js';
import { StepReports } from './step-reports.js';

/**
 * One attempt that this runner holds, from the grant until the server has its result.
 *
 * held → journaled and renewed, but its slots are not free yet; running → the job's steps run; reporting → the result is
 * on disk, and log, steps and result are on their way; settled → answered, and nothing of it is left on this host.
 * An attempt of an earlier process starts in reporting. A stop leads from held past running; a fence leads from running
 * straight to settled. In reporting the result is still sent once, because the answer tells whether it was this very
 * result that ended the attempt.
 */
export class Attempt {
  readonly held: HeldAttempt;
  /** Resolves when the attempt is over for the server too, and its slot free; cleaning up may go on. Never rejects. */
  readonly released: Promise<void>;
  /** Resolves when nothing of it is left on this host. Never rejects. */
  readonly settled: Promise<void>;
  private release: () => void = () => undefined;
  private isReleased = false;
  private readonly log: Logger;
  private readonly reports: StepReports;
  /** Ends the asking: the attempt is fenced or over, or the process is about to end. */
  private readonly abandoning = new AbortController();
  private readonly begun = deferred();
  private trust: AttemptTrust | null = null;
  private run: JobRun | null = null;
  private attemptLog: AttemptLog | null = null;
  private shipFrom: { readonly ackedSeq: number; readonly terms: ServerTerms } | null = null;
  private serverTakes: Takes = { logCounts: false, engineResults: false };
  private fenced = false;
  private hasEngine = false;
  private stopWanted: StopCause | null = null;
  private isWatched = false;

  /**
   * A job was granted; begin() starts its work.
   * @param trustedFromMs monotonic: when its claim was first sent, or what `Contact` says
   */
  static hold(host: AttemptHost, job: GrantedJob, terms: ServerTerms, trustedFromMs: number): Attempt {
    return new Attempt(host, job, (attempt) => attempt.execute(job, terms, trustedFromMs));
  }

  /** Found in the journal of an earlier process, with its result if it had come that far. */
  static recover(host: AttemptHost, held: HeldAttempt, record: ResultRecord | null): Attempt {
    return new Attempt(host, held, (attempt) => attempt.reportForEarlierProcess(record));
  }

  private constructor(
    private readonly host: AttemptHost,
    { jobId, attempt, claimToken }: HeldAttempt,
    work: (attempt: Attempt) => Promise<void>,
  ) {
    this.held = { jobId, attempt, claimToken };
    this.log = host.log.child({ jobId, attempt });
    const { signal } = this.abandoning;
    this.reports = new StepReports({
      held: this.held,
      askStarted: (message) => askStarted(host, message, signal),
      askFinished: (message) => askFinished(host, message, signal),
      onRefused: (refusal) => this.refused(refusal),
    });
    const close = (): void => {
      this.attemptLog?.shipper.stop();
      this.abandon();
    };
    if (host.closing.aborted) close();
    else host.closing.addEventListener('abort', close, { once: true });
    this.released = new Promise((resolve) => {
      this.release = () => {
        this.isReleased = true;
        resolve();
      };
    });
    this.settled = work(this)
      .catch((error: unknown) => {
        this.log.error({ err: error }, 'attempt given up: the runner itself failed; its lease will expire');
      })
      .finally(() => {
        host.closing.removeEventListener('abort', close);
        this.trust?.close();
        this.abandon();
        this.release();
      });
  }

  /** Its slots are free. */
  begin(): void {
    this.begun.resolve();
  }

  renewed(sentAtMs: number): void {
    this.trust?.renewed(sentAtMs);
  }

  cancel({ mode }: CancelOrder): void {
    this.stop({ kind: 'cancel', mode });
  }

  /** Ends the work; what is already on its way to the server is not touched. */
  stop(cause: StopCause): void {
    if (this.stopWanted?.kind !== cause.kind) this.log.info({ cause }, 'stopping');
    this.stopWanted = cause;
    this.begun.resolve(); // to end it needs no slot
    this.run?.stop(cause);
  }

  /** To be stopped it needs the long grace of an engine. */
  get runsEngine(): boolean {
    return this.hasEngine && this.run !== null;
  }

  /** The server had given the attempt up before it ended here. */
  get wasFenced(): boolean {
    return this.fenced;
  }

  /** The server says that the attempt is over. */
  fence(): void {
    if (this.fenced || this.isReleased) return;
    this.fenced = true;
    this.log.warn({ wasRunning: this.run !== null }, 'fenced: the attempt is over on the server');
    this.attemptLog?.shipper.stop();
    this.stop({ kind: 'fenced' });
    if (this.run) this.abandon();
  }

  linkUp(standing: AttemptStanding, terms: ServerTerms): void {
    if (standing.standing === 'fenced') return this.fence();
    this.resumeShipping({ ackedSeq: standing.ackedSeq, terms });
    if (standing.cancel) this.cancel(standing.cancel);
  }

  linkDown(): void {
    this.shipFrom = null;
    this.attemptLog?.shipper.pause();
  }

  watched(isWatched: boolean): void {
    if (isWatched === this.isWatched) return;
    this.isWatched = isWatched;
    this.attemptLog?.shipper.watched(isWatched);
  }

  private async execute(job: GrantedJob, terms: ServerTerms, trustedFromMs: number): Promise<void> {
    this.hasEngine = job.spec.engine !== undefined;
    const trust = attemptTrust(this.host, this.held, terms, trustedFromMs);
    this.trust = trust;
    const { attemptLog, diskError } = this.openDisk(terms);
    this.resumeShipping({ ackedSeq: 0, terms });
    this.useLog(attemptLog);
    await this.begun.promise;
    const isBesideOthers = (): boolean => this.host.running() > 1;
    const jobLog = new JobLog({ spool: attemptLog.spool, secrets: job.secrets, now: Date.now, isBesideOthers });
    const { log, reports } = this;
    const announced = this.announce(job);
    const onFenced = (): void => this.fence();
    this.run = createJobRun(this.host, { job, terms, jobLog, diskError, reports, announced, trust, log, onFenced });
    if (this.stopWanted) this.run.stop(this.stopWanted);
    const { result, workspace } = await this.run.run();
    this.run = null;
    const cleaned = this.cleanSoon(workspace);
    const delivery = this.fenced ? 'dropped' : await this.report(this.toRecord(result, attemptLog));
    await cleaned;
    await this.leave(delivery, attemptLog);
  }

  /** Before anything of the attempt starts, the journal knows it and its log has a place. */
  private openDisk(terms: ServerTerms): { attemptLog: AttemptLog; diskError: Error | null } {
    const onRefused = (refusal: Refusal): void => this.refused(refusal);
    try {
      this.host.journal.add(this.held);
      return { attemptLog: createAttemptLog(this.host, this.held, terms, onRefused), diskError: null };
    } catch (error) {
      this.log.error({ err: error }, 'the disk has no place for the attempt');
      const attemptLog = createMemoryLog(this.host, this.held, terms, onRefused);
      return { attemptLog, diskError: error as Error };
    }
  }

  /** A source can take minutes: then the first step is announced when it really begins. */
  private announce({ startedStep, spec }: GrantedJob): Promise<boolean> | true | null {
    if (startedStep === 0) return true;
    return spec.source === null && this.stopWanted === null ? this.reports.started(0) : null;
  }

  private async reportForEarlierProcess(stored: ResultRecord | null): Promise<void> {
    const lastSeq = stored?.finished.lastSeq ?? null;
    const attemptLog = await recoverAttemptLog(this.host, this.held, lastSeq, (refusal) => this.refused(refusal));
    this.useLog(attemptLog);
    for (const step of stored?.steps ?? []) this.reports.resend(step);
    const record = stored ?? this.toRecord(RUNNER_RESTARTED, attemptLog);
    await this.leave(await this.report(record, stored !== null), attemptLog);
  }

  private async report(record: ResultRecord, isStored = false): Promise<Delivery> {
    const { host, log } = this;
    const { spool, shipper } = this.attemptLog as AttemptLog;
    if (!isStored) this.saveResult(record);
    const delivery = await deliverResult({
      // gap records added after a crash of the host can have made the log longer
      finished: () => forServer({ ...record.finished, lastSeq: spool.lastSeq }, this.serverTakes),
      logDrained: () => shipper.drained(),
      stepsSettled: () => this.reports.settled(),
      ask: (message) => host.results.deliver(message),
      resync: (ackedSeq) => this.resync(ackedSeq),
      log,
    });
    const { outcome, reason, exitCode } = record.finished;
    // at once: the server has counted the slot as free since it answered, and may be offering the next job
    if (delivery !== 'stopped') this.release();
    if (delivery === 'accepted') log.info({ outcome, reason, exitCode }, 'job finished');
    return delivery;
  }

  /** Lines that the server had acknowledged and now misses are not here any more: the log says so and goes on. */
  private async resync(ackedSeq: number | undefined): Promise<void> {
    if (ackedSeq === undefined || this.shipFrom === null) {
      return this.host.link.reset(`the log of job ${this.held.jobId} is incomplete on the server`);
    }
    this.attemptLog?.spool.lostAfter(ackedSeq);
    this.resumeShipping({ ...this.shipFrom, ackedSeq });
  }

  /**
   * Before it is sent. A disk that refuses must not delay it, though: then it is sent from memory, and storing is tried
   * again for as long as there is no answer.
   */
  private saveResult(record: ResultRecord): void {
    if (this.isReleased || this.host.closing.aborted) return;
    try {
      this.host.outbox.save(record);
    } catch (error) {
      this.log.error({ err: error }, 'the result cannot be stored; trying again while it is sent');
      void waitMs(this.host.ask.retryCapMs, this.abandoning.signal).then(() => this.saveResult(record));
    }
  }

  /** The journal entry goes first: without it the rest is known to be done with. */
  private async leave(delivery: Delivery, { spool, shipper }: AttemptLog): Promise<void> {
    shipper.stop();
    if (delivery === 'stopped') {
      await this.host.outbox.flush(this.held);
      return spool.close();
    }
    await this.host.journal.remove(this.held);
    await this.host.outbox.remove(this.held);
    await spool.dispose();
  }

  private useLog(attemptLog: AttemptLog): void {
    this.attemptLog = attemptLog;
    if (this.fenced || this.host.closing.aborted) return attemptLog.shipper.stop();
    if (this.shipFrom) this.resumeShipping(this.shipFrom);
    if (this.isWatched) attemptLog.shipper.watched(true);
  }

  private resumeShipping(from: { readonly ackedSeq: number; readonly terms: ServerTerms }): void {
    this.shipFrom = from;
    const { logCounts = false, engineResults = false } = from.terms.limits;
    this.serverTakes = { logCounts, engineResults };
    this.attemptLog?.shipper.resume(from.ackedSeq, shippingLimits(this.host, from.terms));
  }

  private refused(refusal: Refusal): void {
    if (FENCES.has(refusal.code)) return this.fence();
    this.log.error({ code: refusal.code, reason: refusal.message }, 'the server refuses a report of this attempt');
    this.stop({ kind: 'report_refused' });
  }

  /** With a reason of its own: for the usual one a stack trace would be written down each time. */
  private abandon(): void {
    this.abandoning.abort('abandoned');
  }

  /** Neither the result nor the grant that follows it waits for the disk. */
  private async cleanSoon(workspace: Workspace | null): Promise<void> {
    await delay(CLEAN_AFTER_MS);
    await workspace?.dispose().catch((error: unknown) => {
      this.log.error({ err: error }, 'the workspace could not be removed');
    });
  }

  private toRecord(result: AttemptResult, { spool }: AttemptLog): ResultRecord {
    const finished: JobFinished = { ...this.held, ...result, lastSeq: spool.lastSeq, atMs: Date.now() };
    const log = spool.counted();
    return { steps: this.reports.pending(), finished: log ? { ...finished, log } : finished };
  }
}

type Takes = Required<Pick<LinkLimits, 'logCounts' | 'engineResults'>>;

/** An older server refuses what it does not know. */
function forServer({ log, commit, engine, ...finished }: JobFinished, takes: Takes): JobFinished {
  return {
    ...finished,
    ...(takes.logCounts && log && { log }),
    ...(takes.engineResults && commit !== undefined && { commit }),
    ...(takes.engineResults && engine && { engine }),
  };
}

/** By then the server has usually answered, and what it sent with that has begun. */
const CLEAN_AFTER_MS = 20;
const RUNNER_RESTARTED: AttemptResult = { outcome: 'lost', reason: 'runner_restarted', exitCode: null };
const FENCES: ReadonlySet<string> = new Set(['E_FENCED', 'E_TERMINAL', 'E_NOT_FOUND']);
