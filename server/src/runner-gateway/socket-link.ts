import type { CancelOrder, JobId, Offer, Refusal, SourceLook } from '@dibs/shared';
import type { InstanceLink } from '../dispatch/connected-instance.js';
import { toGrantsJson, type ReadyGrant } from '../dispatch/ready-grant.js';
import { inMessages } from './grant-messages.js';
import { answersPing, emitJson, type RunnerSocket } from './runner-socket.js';

/** What dispatch says to a runner, as events on its socket. */
export class SocketLink implements InstanceLink {
  constructor(
    private readonly socket: RunnerSocket,
    private readonly probeMs: number,
  ) {}

  offer(offers: readonly Offer[]): void {
    this.socket.emit('job:offer', { offers });
  }

  grant(jobs: readonly ReadyGrant[]): void {
    for (const part of inMessages(jobs)) emitJson(this.socket, 'job:granted', toGrantsJson(part));
  }

  withdraw(jobIds: readonly JobId[]): void {
    this.socket.emit('job:withdraw', { jobIds });
  }

  cancel(order: CancelOrder): void {
    this.socket.emit('job:cancel', order);
  }

  watched(jobId: JobId, watched: boolean): void {
    this.socket.emit('job:watched', { jobId, watched });
  }

  drain(): void {
    this.socket.emit('runner:drain');
  }

  look(question: SourceLook, timeoutMs: number): Promise<unknown> {
    return this.socket.timeout(timeoutMs).emitWithAck('source:look', question);
  }

  isAlive(): Promise<boolean> {
    return answersPing(this.socket, this.probeMs);
  }

  end(refusal: Refusal): void {
    endSocket(this.socket, refusal);
  }
}

/** engine.io writes what is buffered before it closes, so the reason arrives before the end. */
export function endSocket(socket: RunnerSocket, refusal: Refusal): void {
  if (!socket.connected) return;
  socket.data.endedBecause ??= refusal.message;
  socket.emit('session:ended', refusal);
  socket.disconnect(true);
}
