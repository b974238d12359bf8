import type { InstanceId, JobId, RunnerId, SessionId } from '../ids.js';
import type { JobsGranted } from './granted-jobs.js';
import type { CancelOrder, HeldAttempt } from './renew.js';

/** `auth` of the socket.io handshake on /runners. Checked before anything is joined. */
export interface RunnerHandshake {
  /** Access token (JWT) of the runner's service principal; fetched anew for every connection. */
  readonly token: string;
  readonly protocolVersion: number;
  /** Name of this instance: unique within the runner record (the pod name in a StatefulSet). */
  readonly instance: string;
  /** UUID made when this runner *process* started: tells a reconnect from a second process of the same name. */
  readonly bootId: string;
}

/** First message on a connection. Until it is answered with ok nothing else is allowed. */
export interface Hello {
  readonly hostName: string;
  readonly runnerVersion: string;
  /** Jobs this instance runs at the same time. */
  readonly slots: number;
  readonly tools: readonly Tool[];
  readonly labels: Readonly<Record<string, string>>;
  readonly draining: boolean;
  /**
   * Every free slot is a standing claim: the server may grant a fitting job at once (`job:granted`), without an offer.
   * false: jobs are offered, and the runner claims those it wants.
   */
  readonly standing: boolean;
  /** Every attempt in the runner's journal that is not yet reported as finished, running or left over from a crash. */
  readonly held: readonly HeldAttempt[];
}

export interface Tool {
  readonly name: string;
  /** null: found on PATH, but it did not tell its version. */
  readonly version: string | null;
}

export interface Welcome {
  readonly sessionId: SessionId;
  readonly runnerId: RunnerId;
  readonly runnerName: string;
  readonly instanceId: InstanceId;
  readonly serverVersion: string;
  readonly timing: LinkTiming;
  readonly limits: LinkLimits;
  /** One entry for each attempt in `Hello.held`. */
  readonly attempts: readonly AttemptStanding[];
  /**
   * Attempts of this same process that `Hello.held` did not name: grants that got lost with the last connection. Their
   * leases begin anew with this hello.
   */
  readonly granted: JobsGranted['jobs'];
}

/** All in milliseconds, TIME_SCALE already applied by the server. */
export interface LinkTiming {
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** The runner kills its own work this long after *sending* the last renewal that was acknowledged. */
  readonly trustMs: number;
  readonly logPeriodWatchedMs: number;
  readonly logPeriodIdleMs: number;
}

export interface LinkLimits {
  /** Encoded size of one event; the runner splits. */
  readonly maxEventBytes: number;
  readonly maxBatchLines: number;
  /** The server takes `JobFinished.log`; absent: an older one, which refuses results that have it. */
  readonly logCounts?: boolean;
  /** The server knows `WireLogStream` in capitals; absent: an older one, which refuses batches that have it. */
  readonly logRedraws?: boolean;
  /** The server takes `JobFinished.commit` and `engine`; absent: an older one, which refuses results that have them. */
  readonly engineResults?: boolean;
  /** The server takes `source:offer`; absent: an older one, which refuses it. */
  readonly sourceLooks?: boolean;
}

/** `fenced`: the attempt is over on the server; the runner kills its processes and forgets it. */
export type AttemptStanding =
  | {
      readonly jobId: JobId;
      readonly attempt: number;
      readonly standing: 'current';
      /** Last log line the server has committed. */
      readonly ackedSeq: number;
      readonly cancel: CancelOrder | null;
    }
  | { readonly jobId: JobId; readonly attempt: number; readonly standing: 'fenced' };
