import type { JobId } from '../ids.js';
import type { JobState } from '../job/job-state.js';
import type { JobReason } from '../job/job-reason.js';
import type { Ack } from './reply.js';

/**
 * The live link: socket.io namespace /live, for dashboards. `auth` is `{ ticket }`, from `POST /api/v1/live/ticket`.
 *
 * Everything the server says here is a hint that something grew or changed; the viewer pulls the truth over REST
 * with its own cursor. So a viewer that stops reading costs nothing and loses nothing, and after a reconnect it
 * watches its topics again and pulls from where it was.
 */
export interface LiveToServerEvents {
  'live:watch': (message: LiveTopic, ack: Ack) => void;
  'live:unwatch': (message: LiveTopic, ack: Ack) => void;
}

export type LiveTopic =
  { readonly topic: 'jobs' | 'runners' | 'pauses' | 'runs' } | { readonly topic: 'job'; readonly jobId: JobId };

export interface ServerToLiveEvents {
  /** To watchers of `jobs`, several changes in one message. */
  'jobs:changed': (message: { readonly jobs: readonly JobHint[] }) => void;
  /** To watchers of this job: its state, steps, attempts or timeline changed. */
  'job:changed': (message: JobHint) => void;
  /** To watchers of this job: its log has lines up to `upTo`. */
  'job:log-grew': (message: { readonly jobId: JobId; readonly attempt: number; readonly upTo: number }) => void;
  'runners:changed': () => void;
  /** To watchers of `pauses`: something was paused or goes on, maintenance included. */
  'pauses:changed': () => void;
  /** To watchers of `runs`: a run of a module, stack or namespace began, went on, was decided on or ended. */
  'runs:changed': () => void;
}

export interface JobHint {
  readonly jobId: JobId;
  readonly state: JobState;
  readonly reason: JobReason | null;
}

export interface LiveTicket {
  readonly ticket: string;
  /** Origin of the server's sockets, as the browser reaches it. */
  readonly url: string;
}

export const LIVE_NAMESPACE = '/live';
