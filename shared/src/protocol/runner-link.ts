import type { JobId } from '../ids.js';
import type { Claim, Claimed, Offer } from './claim.js';
import type { JobsFinished, ResultsAnswered } from './finished.js';
import type { JobsGranted } from './granted-jobs.js';
import type { Hello, Welcome } from './hello.js';
import type { LogAcknowledged, LogBatch } from './log-batch.js';
import type { CancelOrder, Renew, Renewed } from './renew.js';
import type { Ack, Refusal } from './reply.js';
import type { SourceLook, SourceOffer, SourceSeen } from './source-look.js';
import type { StepFinished, StepStarted } from './step.js';

/**
 * The runner link: socket.io namespace /runners, transport websocket only.
 *
 * Call order. Handshake (RunnerHandshake) → `runner:hello` → then, at any time, `runner:renew` every
 * `renewEveryMs` and for each job: `job:granted` ← · per step `step:started` → (process runs, `job:log` batches →)
 * `step:finished` → · at last its result, in a `job:finished` → that carries all that are ready.
 *
 * Two ways to a job. With `Hello.standing` every free slot is a claim made ahead of time: the server grants without
 * asking. Without it, `job:offer` ← goes to several instances, and the first `job:claim` → wins.
 *
 * Requests and replies. Every runner event is a request with exactly one reply through its acknowledgement, sent
 * after COMMIT. A request without a reply (cut, timeout) is repeated unchanged after the reconnect: each is
 * idempotent (claimId; step number; firstSeq; the result itself). A refusal says whether a retry can help.
 *
 * Server events are hints. Each may be lost: a grant comes again with the next hello of the same process, or when two
 * renewals did not name it; offers are repeated by the sweep; cancels and fences come back in the reply of
 * `runner:renew` and of `runner:hello`. (jobId, attempt) tells a repeated grant.
 *
 * The fence. A write names jobId, attempt and claimToken. Once the lease has expired and the job was given away
 * or ended, every such write is answered E_FENCED, and the runner kills and forgets the attempt.
 */
export interface RunnerToServerEvents {
  'runner:hello': (message: Hello, ack: Ack<Welcome>) => void;
  'runner:renew': (message: Renew, ack: Ack<Renewed>) => void;
  'job:claim': (message: Claim, ack: Ack<Claimed>) => void;
  'step:started': (message: StepStarted, ack: Ack) => void;
  'step:finished': (message: StepFinished, ack: Ack) => void;
  'job:log': (message: LogBatch, ack: (reply: LogReply) => void) => void;
  'job:finished': (message: JobsFinished, ack: Ack<ResultsAnswered>) => void;
  'source:offer': (message: SourceOffer, ack: Ack) => void;
}

export type LogReply = ({ readonly ok: true } & LogAcknowledged) | (Refusal & Partial<LogAcknowledged>);

export interface ServerToRunnerEvents {
  'job:offer': (message: { readonly offers: readonly Offer[] }) => void;
  /** To an instance with standing claims: these are yours, exactly as if you had claimed them. */
  'job:granted': (message: JobsGranted) => void;
  /** Somebody else got these; forget the offers. */
  'job:withdraw': (message: { readonly jobIds: readonly JobId[] }) => void;
  'job:cancel': (message: CancelOrder) => void;
  /** Somebody started or stopped watching the log: ship faster or slower. */
  'job:watched': (message: { readonly jobId: JobId; readonly watched: boolean }) => void;
  'runner:drain': () => void;
  /** The one request of the server: only to those who said `source:offer` on this connection. A lost one is asked again. */
  'source:look': (message: SourceLook, ack: (seen: SourceSeen) => void) => void;
  /** The server is about to close this connection; `retryable: false` means: do not come back as you are. */
  'session:ended': (message: Refusal) => void;
}

export const RUNNER_NAMESPACE = '/runners';
