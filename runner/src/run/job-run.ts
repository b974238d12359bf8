import { JOB_REASONS, type GrantedJob, type JobReason, type StepSpec } from '@dibs/shared';
import { orStopped } from '../connection/wait.js';
import type { JobEngine } from '../engines/job-engine.js';
import type { Executor, StepRequest, StepRun } from '../executors/executor.js';
import type { JobLog } from '../logs/job-log.js';
import type { Refused } from '../policy/gate.js';
import { PreparedProcessLost } from '../process/launch.js';
import type { Workspace } from '../workspace/workspace.js';
import { WorkspaceError } from '../workspace/workspace.js';
import {
  decideOutcome,
  describeStepEnd,
  type AttemptResult,
  type Preparation,
  type StepEnd,
  type StopCause,
} from './attempt-outcome.js';
import type { AttemptTrust } from './attempt-trust.js';
import type { StepReports } from './step-reports.js';

export interface JobRunOptions {
  readonly job: GrantedJob;
  /** undefined: this runner has none of the kind that the job asks for. */
  readonly executor: Executor | undefined;
  /** Runs the steps of engines; null: this is not the job of a module. */
  readonly engine: Pick<JobEngine, 'runStep' | 'result'> | null;
  /** What this host has against the job, and against a script right before it is run; null: there is nothing to ask. */
  readonly gate: JobGate | null;
  readonly prepare: (signal: AbortSignal) => Promise<Workspace>;
  /** The step's complete environment. */
  readonly environment: (step: number, workspace: Workspace) => Record<string, string>;
  readonly log: Pick<JobLog, 'write' | 'system' | 'end'>;
  readonly reports: Pick<StepReports, 'started' | 'finished'>;
  /** The announcement of the first step, when it was made at once; true: with the grant; null: it follows the preparation. */
  readonly announced: Promise<boolean> | true | null;
  readonly trust: Pick<AttemptTrust, 'fired' | 'isFresh' | 'guard' | 'started'>;
  /** Waits until a renewal shows that the lease is ours; returns early when the signal comes. */
  readonly untilTrusted: (signal: AbortSignal) => Promise<void>;
  /** @param startedAtMs of performance.now() */
  readonly onSpawned: (step: number, pid: number, startedAtMs: number) => void;
  readonly graceMs: number;
  /** The same for an engine, which writes its state and gives its lock back in that time. */
  readonly engineGraceMs: number;
}

interface JobGate {
  readonly refusalOf: () => Promise<Refused | null>;
  readonly refusalOfStep: (step: StepSpec) => Promise<Refused | null>;
}

/**
 * One attempt on this host: preparing → its steps, one after the other (announcing → running) → over.
 *
 * stop() may come at any time and more than once. `halted` is the signal that nothing more may be started; a cancel
 * `after_step` sets it only when the running step has ended. The first cause decides the result; a later, harder one
 * still kills at once.
 */
export class JobRun {
  private readonly halt = new AbortController();
  /** Output is not held back any more. */
  private readonly flood = new AbortController();
  private stopCause: StopCause | null = null;
  private current: CurrentStep | null = null;

  constructor(private readonly options: JobRunOptions) {}

  stop(cause: StopCause): void {
    this.stopCause = this.stopCause === null || cause.kind === 'fenced' ? cause : this.stopCause;
    if (cause.kind === 'cancel' && cause.mode === 'after_step' && this.current) return;
    this.halt.abort();
    if (this.current) this.end(this.current, cause);
  }

  /** Never rejects for what the job does. The workspace is left to the caller. */
  async run(): Promise<{ result: AttemptResult; workspace: Workspace | null }> {
    const { job, log } = this.options;
    const timeout = after(job.spec.timeoutSeconds, () => this.stop({ kind: 'job_timeout' }));
    try {
      const { preparation, workspace } = await this.prepare();
      const steps = await this.runSteps(preparation, workspace);
      const result = decideOutcome(preparation, steps, this.stopCause);
      if (!SAID_BY_THE_STEP.has(result.reason)) log.system(-1, JOB_REASONS[result.reason]);
      return { result: { ...result, ...this.findings(workspace) }, workspace };
    } finally {
      clearTimeout(timeout);
    }
  }

  private findings(workspace: Workspace | null): Pick<AttemptResult, 'commit' | 'engine'> {
    const commit = workspace?.commit ?? null;
    const { engine } = this.options;
    return { ...(commit !== null && { commit }), ...(engine && { engine: engine.result }) };
  }

  private async prepare(): Promise<{ preparation: Preparation; workspace: Workspace | null }> {
    const { executor, job, log, prepare, gate } = this.options;
    if (!executor) {
      log.system(-1, `This runner does not offer the executor "${job.spec.executor.type}".`);
      return { preparation: 'executor_unavailable', workspace: null };
    }
    const refused = gate && (await gate.refusalOf());
    if (refused) {
      log.system(-1, refused.message);
      return { preparation: refused.reason, workspace: null };
    }
    // git is a process too, and works for as long as it takes
    const unguard = job.spec.source === null ? () => undefined : await this.trustedAndGuarded();
    try {
      return { preparation: 'ok', workspace: await prepare(this.halt.signal) };
    } catch (error) {
      if (this.halt.signal.aborted) return { preparation: 'stopped', workspace: null };
      log.system(-1, (error as Error).message);
      const preparation = error instanceof WorkspaceError ? error.reason : 'workspace_failed';
      return { preparation, workspace: null };
    } finally {
      unguard();
    }
  }

  /** To be asked for before any process is started. It may come back with the halt signal set. @returns ends the guard */
  private async trustedAndGuarded(): Promise<() => void> {
    const { trust, untilTrusted } = this.options;
    if (!trust.isFresh) await untilTrusted(this.halt.signal);
    return trust.guard(() => this.stop({ kind: 'trust_ended' }));
  }

  private async runSteps(preparation: Preparation, workspace: Workspace | null): Promise<StepEnd[]> {
    const { job, reports, announced } = this.options;
    const ends: StepEnd[] = [];
    let goOn = preparation === 'ok';
    for (const index of job.spec.steps.keys()) {
      const wasAnnounced = index === 0 && announced !== null;
      let end: StepEnd;
      if (goOn && workspace && (wasAnnounced || !this.halt.signal.aborted)) {
        end = await this.runStep(
          index,
          workspace,
          index === 0 && announced !== null ? announced : reports.started(index),
        );
      } else end = wasAnnounced ? neverRun(preparation) : SKIPPED;
      ends.push(end);
      reports.finished(index, end);
      goOn &&= end.state === 'succeeded' && this.stopCause === null;
    }
    return ends;
  }

  private async runStep(index: number, workspace: Workspace, announced: Promise<boolean> | true): Promise<StepEnd> {
    const signal = this.halt.signal;
    const acknowledged = announced === true || (await orStopped(announced, signal));
    if (acknowledged !== true || signal.aborted) return STOPPED_BEFORE_START;
    const end = await this.runGuarded(index, workspace, false);
    return end === 'lost' ? ((await this.runGuarded(index, workspace, true)) as StepEnd) : end;
  }

  /** @param anew without a prepared process @returns 'lost': the prepared process ended before anything of the step ran */
  private async runGuarded(index: number, workspace: Workspace, anew: boolean): Promise<StepEnd | 'lost'> {
    const { gate, log } = this.options;
    const unguard = await this.trustedAndGuarded();
    try {
      const refused = gate && (await gate.refusalOfStep(this.stepAt(index)));
      if (refused) {
        log.system(index, refused.message);
        return { ...STOPPED_BEFORE_START, state: 'failed', cause: 'refused', reason: refused.reason };
      }
      return this.halt.signal.aborted ? STOPPED_BEFORE_START : await this.runProcess(index, workspace, anew);
    } finally {
      unguard();
    }
  }

  private async runProcess(index: number, workspace: Workspace, anew: boolean): Promise<StepEnd | 'lost'> {
    const { log, trust } = this.options;
    const step = this.stepAt(index);
    const signal = this.halt.signal;
    const run = this.spawn(this.options.executor as Executor, index, workspace, anew);
    if (run === null) return { state: 'failed', exitCode: null, signal: null, cause: 'spawn_failed' };
    const current = { run, isEngine: step.part?.type === 'engine' };
    this.current = current;
    this.watchProcess(index, run);
    let timedOut = false;
    const timeout = after(step.timeoutSeconds, () => {
      timedOut = !signal.aborted;
      this.terminate(current);
    });
    try {
      const end = await run.ended;
      // the exit code of a tree that the watchdog killed says nothing, whatever it is
      if (trust.fired) this.stop({ kind: 'trust_ended' });
      if (end.spawnError instanceof PreparedProcessLost && !anew) return 'lost';
      log.end(index);
      if (end.spawnError) log.system(index, `The step could not be started: ${end.spawnError.message}`);
      if (end.survivors > 0) log.system(index, `${end.survivors} processes of the step could not be ended.`);
      return describeStepEnd(end, timedOut ? 'step_timeout' : signal.aborted ? 'stopped' : null);
    } finally {
      this.current = null;
      clearTimeout(timeout);
    }
  }

  private spawn(executor: Executor, index: number, workspace: Workspace, anew: boolean): StepRun | null {
    const { job, log, engine } = this.options;
    const step = this.stepAt(index);
    try {
      const request: StepRequest = {
        step,
        index,
        marker: { jobId: job.jobId, attempt: job.attempt },
        workspace,
        anew,
        env: this.options.environment(index, workspace),
        onOutput: (stream, chunk) => this.holdBack(log.write(index, stream, chunk)),
      };
      if (step.part?.type !== 'engine') return executor.runStep(request);
      if (engine === null) throw new Error('the job does not say for which engine it is');
      return engine.runStep({
        ...request,
        phase: step.part.phase,
        onProcess: (process) => this.watchProcess(index, process),
      });
    } catch (error) {
      log.system(index, `The step could not be started: ${(error as Error).message}`);
      return null;
    }
  }

  /** Of an engine's step there are several, one after the other. */
  private watchProcess(index: number, { leader, started }: Pick<StepRun, 'leader' | 'started'>): void {
    const { trust, onSpawned } = this.options;
    if (!leader) return;
    trust.started(leader);
    void started.then((atMs) => atMs !== null && onSpawned(index, leader.pid, atMs));
  }

  private stepAt(index: number): StepSpec {
    return this.options.job.spec.steps[index] as StepSpec;
  }

  /** A full spool holds the step's pipe, but never the end of a step that must end. */
  private holdBack(pressure: Promise<void> | undefined): Promise<void> | undefined {
    return pressure && orStopped(pressure, this.flood.signal).then(() => undefined);
  }

  /** What nobody may wait for is killed; everything else gets the chance to clean up. */
  private end(current: CurrentStep, cause: StopCause): void {
    const atOnce =
      cause.kind === 'fenced' || cause.kind === 'trust_ended' || (cause.kind === 'cancel' && cause.mode === 'kill');
    if (!atOnce) return this.terminate(current);
    this.flood.abort();
    void current.run.kill();
  }

  private terminate({ run, isEngine }: CurrentStep): void {
    const graceMs = isEngine ? this.options.engineGraceMs : this.options.graceMs;
    // an engine hears an interrupt by itself: it knows how what it has started is to be ended
    void run.terminate(isEngine ? { signal: 'SIGINT', graceMs, to: 'leader' } : { signal: 'SIGTERM', graceMs });
    const timer = setTimeout(() => this.flood.abort(), graceMs);
    void run.ended.then(() => clearTimeout(timer));
  }
}

interface CurrentStep {
  readonly run: StepRun;
  readonly isEngine: boolean;
}

/** The exit code is shown with the step; a sentence in the log would only repeat it. */
const SAID_BY_THE_STEP: ReadonlySet<JobReason> = new Set(['completed', 'step_failed']);
const SKIPPED: StepEnd = { state: 'skipped', exitCode: null, signal: null, cause: 'skipped' };
const STOPPED_BEFORE_START: StepEnd = { state: 'canceled', exitCode: null, signal: null, cause: 'stopped' };

/** The first step was already announced, but the workspace did not come about. */
function neverRun(preparation: Preparation): StepEnd {
  return preparation === 'stopped' ? STOPPED_BEFORE_START : { ...STOPPED_BEFORE_START, state: 'failed' };
}

/** Timers count on the monotonic clock. Longer than they can count (24 days) is cut to that. */
function after(seconds: number | null, onTime: () => void): NodeJS.Timeout | undefined {
  if (seconds === null) return undefined;
  return setTimeout(onTime, Math.min(seconds * 1000, 2 ** 31 - 1));
}
