import type { GrantedJob } from '@dibs/shared';
import type { Logger } from 'pino';
import { waitMs } from '../connection/wait.js';
import { stepEnvironment } from '../executors/step-environment.js';
import { AttemptFiles } from '../engines/attempt-files.js';
import { JobEngine } from '../engines/job-engine.js';
import type { JobLog } from '../logs/job-log.js';
import { toMonotonicMs } from '../process/monotonic.js';
import { prepareWorkspace, WorkspaceError, type Workspace } from '../workspace/workspace.js';
import type { AttemptHost, ServerTerms } from './attempt-host.js';
import type { AttemptTrust } from './attempt-trust.js';
import { JobRun } from './job-run.js';
import type { StepReports } from './step-reports.js';

export interface JobRunParts {
  readonly job: GrantedJob;
  readonly terms: ServerTerms;
  readonly jobLog: JobLog;
  /** Why the disk has no place for the attempt; null: it has. */
  readonly diskError: Error | null;
  readonly reports: StepReports;
  readonly announced: Promise<boolean> | true | null;
  readonly trust: AttemptTrust;
  readonly log: Logger;
  /** The server says that the attempt is over. */
  readonly onFenced: () => void;
}

/** Joins a job with what this host offers: executor, workspace, environment, clock. */
export function createJobRun(host: AttemptHost, parts: JobRunParts): JobRun {
  const { job, terms, jobLog, diskError, reports, announced, trust, log } = parts;
  return new JobRun({
    job,
    executor: host.executors.find(({ type }) => type === job.spec.executor.type),
    engine: jobEngine(host, parts),
    prepare: (signal) => (diskError ? Promise.reject(noPlace(diskError)) : prepare(host, parts, signal)),
    gate: host.gate.concerns(job)
      ? { refusalOf: () => host.gate.refusalOf(job), refusalOfStep: (step) => host.gate.refusalOfStep(job, step) }
      : null,
    environment: (step, workspace) => environment(host, job, terms, step, workspace),
    log: jobLog,
    reports,
    announced,
    trust,
    untilTrusted: (signal) => untilTrusted(host, trust, signal),
    onSpawned: (step, pid, startedAtMs) =>
      log.debug({ step, pid, atMs: toMonotonicMs(startedAtMs) }, 'process spawned'),
    graceMs: host.graceMs,
    engineGraceMs: host.engineGraceMs,
  });
}

function jobEngine(host: AttemptHost, { job, jobLog, onFenced }: JobRunParts): JobEngine | null {
  const { spec, secrets } = job;
  if (!spec.engine) return null;
  const { cgroupRoot, pipeGraceMs } = host;
  const checkPlan = host.gate.planCheck();
  return new JobEngine({
    spec: spec.engine,
    secretNames: Object.keys(secrets),
    host: {
      ...{ cgroupRoot, pipeGraceMs },
      extraPathDirs: host.workspace.additionalBinaryPaths,
      searchPath: host.hostEnv.PATH,
    },
    files: filesOf(host, job, onFenced),
    say: (step, line) => jobLog.system(step, line),
    hide: (value) => jobLog.hide(value),
    ...(checkPlan && { checkPlan }),
  });
}

function filesOf({ fileServer, ask }: AttemptHost, { jobId, attempt, claimToken }: GrantedJob, onFenced: () => void) {
  const retry = { firstMs: ask.retryFirstMs, capMs: ask.retryCapMs };
  return { ...fileServer, held: { jobId, attempt, claimToken }, retry, onFenced };
}

function prepare(host: AttemptHost, { job, jobLog, onFenced }: JobRunParts, signal: AbortSignal): Promise<Workspace> {
  const onTrouble = (why: string) => jobLog.system(-1, `The archive cannot be fetched yet: ${why}. Trying on.`);
  return prepareWorkspace({
    root: host.workspace.root,
    jobId: job.jobId,
    attempt: job.attempt,
    placeFolders: (folder) => host.paths.place('workspace', folder),
    files: job.spec.files,
    source: job.spec.source,
    cloneDepth: host.workspace.cloneDepth,
    allowFileUrls: host.workspace.allowFileUrls,
    hostEnv: host.hostEnv,
    cgroupRoot: host.cgroupRoot,
    pipeGraceMs: host.pipeGraceMs,
    fetchArchive: (of) => new AttemptFiles({ ...filesOf(host, job, onFenced), onTrouble }).getSource(of),
    onOutput: (line) => jobLog.system(-1, line),
    signal,
  });
}

function environment(host: AttemptHost, job: GrantedJob, terms: ServerTerms, step: number, { tmpDir }: Workspace) {
  return stepEnvironment({
    hostEnv: host.hostEnv,
    jobId: job.jobId,
    attempt: job.attempt,
    step,
    runnerName: terms.runnerName,
    instanceName: host.instance,
    tmpDir,
    extraPathDirs: host.workspace.additionalBinaryPaths,
    env: job.spec.env,
    secrets: job.secrets,
  });
}

/** With nothing running there is nothing to kill: wait until a renewal shows that the lease is still ours. */
async function untilTrusted(host: AttemptHost, trust: AttemptTrust, signal: AbortSignal): Promise<void> {
  while (!trust.isFresh && !trust.fired && !signal.aborted) {
    await host.link.untilUp(signal);
    await host.renewNow();
    if (!trust.isFresh) await waitMs(host.ask.retryFirstMs, signal);
  }
}

function noPlace(cause: Error): WorkspaceError {
  return new WorkspaceError('workspace_failed', `The runner could not store the attempt: ${cause.message}`, { cause });
}
