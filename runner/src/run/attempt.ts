import type {
  AttemptStanding,
  CancelOrder,
  GrantedJob,
  HeldAttempt,
  JobFinished,
  Refusal,
  ResultReply,
} from '@dibs/shared';
import type { Logger } from 'pino';
import { askUntilAnswered } from '../connection/ask-until-answered.js';
import { waitMs } from '../connection/wait.js';
import { JobLog } from '../logs/job-log.js';
import { deliverResult, type Delivery } from '../report/result-delivery.js';
import type { ResultRecord } from '../report/result-outbox.js';
import type { Workspace } from '../workspace/workspace.js';
import { askFinished, askStarted, type AttemptHost, type ServerTerms } from './attempt-host.js';
import { openAttemptLog, recoverAttemptLog, shippingLimits, type AttemptLog } from './attempt-log.js';
import type { AttemptResult, StopCause } from './attempt-outcome.js';
import { createJobRun } from './create-job-run.js';
import type { JobRun } from './job-run.js';
import { StepReports } from './step-reports.js';
import { TrustWindow } from './trust-window.js';

/**
 * One attempt that this runner holds, from the grant until the server has its result.
 *
 * running → the job's steps run; reporting → the result is on
 * disk, and log, steps and result are on their way; settled → answered, and nothing of it is left on this host.
 * An attempt of an earlier process starts in reporting. A fence leads from running straight to settled. In reporting the result is still sent once, because the answer
 * tells whether it was this very result that ended the attempt.
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
  /** Ends the asking of a fenced attempt. */
  private readonly abandon = new AbortController();
  private trust: TrustWindow | null = null;
  private run: JobRun | null = null;
  private attemptLog: AttemptLog | null = null;
  private shipFrom: { readonly ackedSeq: number; readonly terms: ServerTerms } | null = null;
  private fenced = false;
  private stopWanted: StopCause | null = null;
  private isWatched = false;

  /** A claim was granted. @param claimSentAtMs monotonic */
  static start(host: AttemptHost, job: GrantedJob, terms: ServerTerms, claimSentAtMs: number): Attempt {
    return new Attempt(host, job, (attempt) => attempt.execute(job, terms, claimSentAtMs));
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
    const signal = AbortSignal.any([this.abandon.signal, host.closing]);
    this.reports = new StepReports({
      held: this.held,
      askStarted: (message) => askStarted(host, message, signal),
      askFinished: (message) => askFinished(host, message, signal),
      onRefused: (refusal) => this.refused(refusal),
    });
    host.closing.addEventListener('abort', () => this.attemptLog?.shipper.stop(), { signal: this.abandon.signal });
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
        this.abandon.abort();
        this.release();
      });
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
    this.run?.stop(cause);
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
    if (this.run) this.abandon.abort();
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

  private async execute(job: GrantedJob, terms: ServerTerms, claimSentAtMs: number): Promise<void> {
    const trust = new TrustWindow(claimSentAtMs, terms.timing.trustMs);
    this.trust = trust;
    const journaled = this.host.journal.add(this.held);
    journaled.catch(() => undefined); // the run looks at it before it starts anything
    // a source can take minutes: then the first step is announced when it really begins
    const announced = job.spec.source === null ? this.reports.started(0) : null;
    this.resumeShipping({ ackedSeq: 0, terms });
    const attemptLog = await openAttemptLog(this.host, this.held, terms, (refusal) => this.refused(refusal));
    this.useLog(attemptLog);
    const jobLog = new JobLog({ spool: attemptLog.spool, secrets: job.secrets, now: Date.now });
    const { log, reports } = this;
    this.run = createJobRun(this.host, { job, terms, jobLog, journaled, reports, announced, trust, log });
    if (this.stopWanted) this.run.stop(this.stopWanted);
    const { result, workspace } = await this.run.run();
    this.run = null;
    const cleaned = this.clean(workspace);
    const delivery = this.fenced ? 'dropped' : await this.report(this.toRecord(result, attemptLog));
    // an entry that is still being written would come back after its removal
    await Promise.allSettled([journaled, cleaned]);
    await this.leave(delivery, attemptLog);
  }

  private async reportForEarlierProcess(stored: ResultRecord | null): Promise<void> {
    const lastSeq = stored?.finished.lastSeq ?? null;
    const attemptLog = await recoverAttemptLog(this.host, this.held, lastSeq, (refusal) => this.refused(refusal));
    this.useLog(attemptLog);
    for (const step of stored?.steps ?? []) this.reports.resend(step);
    const record = stored ?? this.toRecord(RUNNER_RESTARTED, attemptLog);
    await this.leave(await this.report(record), attemptLog);
  }

  private async report(record: ResultRecord): Promise<Delivery> {
    const { host, held, log } = this;
    const { spool, shipper } = this.attemptLog as AttemptLog;
    await this.saveResult(record);
    const delivery = await deliverResult({
      // gap records added after a crash of the host can have made the log longer
      finished: () => ({ ...record.finished, lastSeq: spool.lastSeq }),
      logDrained: () => shipper.drained(),
      stepsSettled: () => this.reports.settled(),
      ask: async (message) => {
        const reply = await askUntilAnswered(host.link, 'job:finished', { results: [message] }, host.ask, host.closing);
        return reply === 'stopped' || !reply.ok ? reply : (reply.results[0] as ResultReply);
      },
      resync: () => host.link.reset(`the log of job ${held.jobId} is incomplete on the server`),
      log,
    });
    const { outcome, reason, exitCode } = record.finished;
    // at once: the server has counted the slot as free since it answered, and may be offering the next job
    if (delivery !== 'stopped') this.release();
    if (delivery === 'accepted') log.info({ outcome, reason, exitCode }, 'job finished');
    return delivery;
  }

  /** A full disk delays the result; it must not lose it. */
  private async saveResult(record: ResultRecord): Promise<void> {
    while (!this.fenced && !this.host.closing.aborted) {
      try {
        return await this.host.outbox.save(record);
      } catch (error) {
        this.log.error({ err: error }, 'the result cannot be stored; trying again');
        await waitMs(this.host.ask.retryCapMs, this.host.closing);
      }
    }
  }

  /** The journal entry goes first: without it the rest is known to be done with. */
  private async leave(delivery: Delivery, { spool, shipper }: AttemptLog): Promise<void> {
    shipper.stop();
    if (delivery === 'stopped') return spool.close();
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
    this.attemptLog?.shipper.resume(from.ackedSeq, shippingLimits(this.host, from.terms));
  }

  private refused(refusal: Refusal): void {
    if (FENCES.has(refusal.code)) return this.fence();
    this.log.error({ code: refusal.code, reason: refusal.message }, 'the server refuses a report of this attempt');
    this.stop({ kind: 'report_refused' });
  }

  private async clean(workspace: Workspace | null): Promise<void> {
    await workspace?.dispose().catch((error: unknown) => {
      this.log.error({ err: error }, 'the workspace could not be removed');
    });
  }

  private toRecord(result: AttemptResult, { spool }: AttemptLog): ResultRecord {
    const finished: JobFinished = { ...this.held, ...result, lastSeq: spool.lastSeq, atMs: Date.now() };
    return { steps: this.reports.pending(), finished };
  }
}

const RUNNER_RESTARTED: AttemptResult = { outcome: 'lost', reason: 'runner_restarted', exitCode: null };
const FENCES: ReadonlySet<string> = new Set(['E_FENCED', 'E_TERMINAL', 'E_NOT_FOUND']);
