import type { LinkLimits, LinkTiming, StepFinished, StepStarted } from '@dibs/shared';
import type { Logger } from 'pino';
import { askUntilAnswered, type AskTiming } from '../connection/ask-until-answered.js';
import type { Link } from '../connection/link.js';
import type { LogUplink } from '../connection/log-uplink.js';
import type { AttemptFilesOptions } from '../engines/attempt-files.js';
import type { Executor } from '../executors/executor.js';
import type { Gate } from '../policy/gate.js';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import type { Watchdog } from '../process/watchdog.js';
import type { ResultBatches } from '../report/result-batches.js';
import type { ResultOutbox } from '../report/result-outbox.js';
import type { LogStreamSettings, WorkspaceSettings } from '../settings/settings.js';
import type { AttemptPaths } from './attempt-paths.js';
import type { Journal } from './journal.js';

/** What every attempt on this runner shares. */
export interface AttemptHost {
  readonly link: Pick<Link, 'request' | 'untilUp' | 'reset'>;
  readonly uplink: LogUplink;
  /** Where plans and outputs travel. */
  readonly fileServer: Pick<AttemptFilesOptions, 'serverUrl' | 'tokens'>;
  /** What this host allows. */
  readonly gate: Pick<Gate, 'concerns' | 'refusalOf' | 'refusalOfStep' | 'planCheck'>;
  readonly journal: Journal;
  readonly paths: AttemptPaths;
  readonly outbox: ResultOutbox;
  readonly results: ResultBatches;
  readonly watchdog: Pick<Watchdog, 'watch'>;
  /** How many jobs may run at a time. */
  readonly slots: number;
  /** How many do. */
  readonly running: () => number;
  readonly executors: readonly Executor[];
  readonly cgroupRoot: CgroupRoot | null;
  readonly workDirId: string;
  /** Environment of the host that steps may build on; credentials taken out. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly spoolFolder: string;
  readonly workspace: WorkspaceSettings;
  readonly logStream: LogStreamSettings;
  readonly instance: string;
  readonly ask: AskTiming;
  /** Between asking a step's processes to end and killing them. */
  readonly graceMs: number;
  /** The same for an engine, which writes its state in that time. */
  readonly engineGraceMs: number;
  /** How long processes that outlive a step may keep its pipes open. */
  readonly pipeGraceMs: number;
  readonly timeScale: number;
  readonly log: Logger;
  /** Renews all leases now instead of at the next turn; resolves when that was answered or failed. */
  readonly renewNow: () => Promise<void>;
  /** Ends all waiting for answers: the process is about to end. */
  readonly closing: AbortSignal;
}

/** What the server said in its welcome. */
export interface ServerTerms {
  readonly runnerName: string;
  readonly timing: LinkTiming;
  readonly limits: LinkLimits;
}

export function askStarted(host: AttemptHost, message: StepStarted, signal: AbortSignal) {
  return askUntilAnswered(host.link, 'step:started', message, host.ask, signal);
}

export function askFinished(host: AttemptHost, message: StepFinished, signal: AbortSignal) {
  return askUntilAnswered(host.link, 'step:finished', message, host.ask, signal);
}
