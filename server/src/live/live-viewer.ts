import type { JobId, LiveToServerEvents, LiveTopic, ServerToLiveEvents } from '@dibs/shared';
import type { Socket } from 'socket.io';
import type { Caller } from '../auth/caller.js';
import { HintBox, type Hints } from './hint-box.js';
import { keyOfTopic } from './live-topic.js';

export type LiveSocket = Socket<LiveToServerEvents, ServerToLiveEvents, Record<string, never>, { viewer?: LiveViewer }>;

/** Frames that may wait in memory for one viewer; what is more waits as hints, of which only the newest are kept. */
export const MAX_WAITING_FRAMES = 16;
const JOBS_PER_MESSAGE = 200;

/**
 * One socket of the live link and what it watches. A viewer that reads is told at once. One that does not read is told
 * nothing more until it has caught up, so it costs a few frames and a small box of hints; after `hopelessAfterMs` it
 * is disconnected.
 */
export class LiveViewer {
  /** What is watched, with what must be undone when it no longer is. */
  private readonly topics = new Map<string, { readonly topic: LiveTopic; readonly release: () => void }>();
  private readonly box = new HintBox();
  private behindSinceMs: number | null = null;

  constructor(
    readonly caller: Caller,
    readonly connectedAtMs: number,
    private readonly socket: LiveSocket,
    private readonly hopelessAfterMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    socket.conn.on('drain', () => this.flush());
  }

  get topicCount(): number {
    return this.topics.size;
  }

  watches(topic: LiveTopic): boolean {
    return this.topics.has(keyOfTopic(topic));
  }

  /** @param release is called once the topic is no longer watched */
  watch(topic: LiveTopic, release: () => void): void {
    this.unwatch(topic);
    this.topics.set(keyOfTopic(topic), { topic, release });
  }

  unwatch(topic: LiveTopic): void {
    const key = keyOfTopic(topic);
    const watched = this.topics.get(key);
    this.topics.delete(key);
    watched?.release();
  }

  unwatchAll(): void {
    [...this.topics.values()].forEach(({ topic }) => this.unwatch(topic));
  }

  /** Of what happened in the viewer's organization, takes what it watches. */
  tell({ jobs, logs, runners, pauses, runs }: Hints): void {
    const listed = this.topics.has('jobs');
    for (const hint of jobs) if (listed || this.watchesJob(hint.jobId)) this.box.addJob(hint);
    for (const hint of logs) if (this.watchesJob(hint.jobId)) this.box.addLog(hint);
    if (runners && this.topics.has('runners')) this.box.addRunners();
    if (pauses && this.topics.has('pauses')) this.box.addPauses();
    if (runs && this.topics.has('runs')) this.box.addRuns();
    this.flush();
  }

  disconnect(): void {
    this.socket.disconnect(true);
  }

  private flush(): void {
    if (this.box.isEmpty || !this.socket.connected) return;
    if (waitingFrames(this.socket) > MAX_WAITING_FRAMES) return this.fallBehind();
    this.behindSinceMs = null;
    this.emit(this.box.take());
  }

  private fallBehind(): void {
    this.behindSinceMs ??= this.nowMs();
    if (this.nowMs() - this.behindSinceMs > this.hopelessAfterMs) this.disconnect();
  }

  private emit({ jobs, logs, runners, pauses, runs }: Hints): void {
    if (this.topics.has('jobs')) {
      for (let from = 0; from < jobs.length; from += JOBS_PER_MESSAGE) {
        this.socket.emit('jobs:changed', { jobs: jobs.slice(from, from + JOBS_PER_MESSAGE) });
      }
    }
    for (const hint of jobs) if (this.watchesJob(hint.jobId)) this.socket.emit('job:changed', hint);
    for (const hint of logs) this.socket.emit('job:log-grew', hint);
    if (runners) this.socket.emit('runners:changed');
    if (pauses) this.socket.emit('pauses:changed');
    if (runs) this.socket.emit('runs:changed');
  }

  private watchesJob(jobId: JobId): boolean {
    return this.topics.has(keyOfTopic({ topic: 'job', jobId }));
  }
}

/** The backlog of a slow reader is in engine.io's write buffer, not in the socket's own. */
function waitingFrames({ conn }: LiveSocket): number {
  return (conn as unknown as { readonly writeBuffer: readonly unknown[] }).writeBuffer.length;
}
