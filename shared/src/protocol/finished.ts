import type { EngineResult } from '../job/engine-spec.js';
import type { JobReason } from '../job/job-reason.js';
import type { LogAcknowledged } from './log-batch.js';
import type { HeldAttempt } from './renew.js';
import type { Refusal } from './reply.js';

export const ATTEMPT_OUTCOMES = ['succeeded', 'failed', 'canceled', 'timed_out', 'lost'] as const;
/** `lost`: the runner itself gave the attempt up; the job's `onLost` decides what follows. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/**
 * The result of an attempt, on the runner's disk before it is sent, and sent until it is answered.
 * Accepted only when the log is stored up to `lastSeq`, else E_GAP. The same result again is answered ok;
 * a different one is refused with E_TERMINAL.
 */
export interface JobFinished extends HeldAttempt {
  readonly outcome: AttemptOutcome;
  readonly reason: JobReason;
  /** Exit code of the step that decided; `succeeded` demands 0. */
  readonly exitCode: number | null;
  /** Number of the last log line; 0: there is none. */
  readonly lastSeq: number;
  readonly atMs: number;
  /**
   * What the runner counted while it wrote the log, one entry for each step that printed, by step. Absent: it cannot
   * tell, or the server does not say `LinkLimits.logCounts`.
   */
  readonly log?: readonly StepLogCount[];
  /** Full id of the commit of the source. Absent: there is none, or the server does not say `LinkLimits.engineResults`. */
  readonly commit?: string;
  /** Of jobs that modules make. Absent: of others, or the server does not say `LinkLimits.engineResults`. */
  readonly engine?: EngineResult;
}

/** The log of one step in numbers: every line but gap records, its text in UTF-8 with one line end behind it. */
export interface StepLogCount {
  /** -1: the runner's own preparation. */
  readonly step: number;
  readonly lines: number;
  readonly bytes: number;
  /** Of those bytes, in order, as 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Results that are ready together travel together: 1 to 500. Each is accepted or refused for itself. */
export interface JobsFinished {
  readonly results: readonly JobFinished[];
}

export interface ResultsAnswered {
  /** In the order of the request. */
  readonly results: readonly ResultReply[];
}

/** E_GAP says in `ackedSeq` up to which line the log is stored: the rest is shipped again before the result. */
export type ResultReply = { readonly ok: true } | (Refusal & Partial<LogAcknowledged>);
