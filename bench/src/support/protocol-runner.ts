import { randomUUID } from 'node:crypto';
import {
  type Ack,
  type ClaimId,
  type GrantedJob,
  type HeldAttempt,
  type LogReply,
  PROTOCOL_VERSION,
  type Refusal,
  RUNNER_NAMESPACE,
  type RunnerToServerEvents,
  type ServerToRunnerEvents,
  type WireLogLine,
} from '@dibs/shared';
import { io, type Socket } from 'socket.io-client';

type RunnerSocket = Socket<ServerToRunnerEvents, RunnerToServerEvents>;

/** A runner that speaks the protocol and executes nothing: it makes up the log instead. */
export class ProtocolRunner {
  private readonly socket: RunnerSocket;
  private readonly held: HeldAttempt[] = [];
  private renewals: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    token: string,
    private readonly instance: string,
    private readonly slots: number,
    onJob: (runner: ProtocolRunner, job: GrantedJob) => void,
  ) {
    const auth = { token, protocolVersion: PROTOCOL_VERSION, instance, bootId: randomUUID() };
    this.socket = io(url + RUNNER_NAMESPACE, { transports: ['websocket'], reconnection: false, auth });
    this.socket.on('job:offer', ({ offers }) => void this.claim(offers.map((offer) => offer.jobId)).then(give));
    const give = (jobs: GrantedJob[]): void => jobs.forEach((job) => onJob(this, job));
  }

  async connect(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
    const hello = {
      hostName: 'bench',
      runnerVersion: 'bench',
      slots: this.slots,
      tools: [],
      labels: { bench: this.instance },
      draining: false,
      standing: false,
      held: [],
    };
    const welcome = await answered((ack: Ack<{ timing: { renewEveryMs: number } }>) =>
      this.socket.emit('runner:hello', hello, ack as never),
    );
    this.renewals = setInterval(() => this.renew(), welcome.timing.renewEveryMs);
  }

  async startStep(attempt: HeldAttempt): Promise<void> {
    await answered((ack: Ack) => this.socket.emit('step:started', { ...attempt, step: 0, atMs: Date.now() }, ack));
  }

  /** @returns the number of the last line that is committed */
  async log(attempt: HeldAttempt, firstSeq: number, lines: readonly WireLogLine[]): Promise<number> {
    const reply = await answered((ack: (reply: LogReply) => void) =>
      this.socket.emit('job:log', { ...attempt, firstSeq, lines }, ack),
    );
    return reply.ackedSeq;
  }

  async finish(attempt: HeldAttempt, lastSeq: number): Promise<void> {
    const end = { ...attempt, step: 0, atMs: Date.now(), state: 'succeeded' as const, exitCode: 0, signal: null };
    await answered((ack: Ack) => this.socket.emit('step:finished', end, ack));
    const result = { ...attempt, outcome: 'succeeded' as const, reason: 'completed' as const, exitCode: 0, lastSeq };
    await answered((ack: Ack) => this.socket.emit('job:finished', { ...result, atMs: Date.now() }, ack));
    this.held.splice(
      this.held.findIndex((item) => item.jobId === attempt.jobId),
      1,
    );
  }

  close(): void {
    clearInterval(this.renewals);
    this.socket.disconnect();
  }

  private async claim(jobIds: readonly GrantedJob['jobId'][]): Promise<GrantedJob[]> {
    const claims = jobIds
      .slice(0, this.slots - this.held.length)
      .map((jobId) => ({ claimId: randomUUID() as unknown as ClaimId, jobId }));
    if (claims.length === 0) return [];
    const { results } = await answered((ack: Parameters<RunnerToServerEvents['job:claim']>[1]) =>
      this.socket.emit('job:claim', { claims }, ack),
    );
    const jobs = results.flatMap((result) => (result.ok ? [result.job] : []));
    this.held.push(...jobs.map(({ jobId, attempt, claimToken }) => ({ jobId, attempt, claimToken })));
    return jobs;
  }

  private renew(): void {
    const freeSlots = this.slots - this.held.length;
    this.socket.emit('runner:renew', { held: this.held, freeSlots, draining: false }, () => undefined);
  }
}

/** A benchmark has no use for refusals: each is the end of it. */
function answered<Success extends object>(
  ask: (ack: (reply: ({ readonly ok: true } & Success) | Refusal) => void) => unknown,
): Promise<Success> {
  return new Promise((resolve, reject) => {
    ask((reply) => (reply.ok ? resolve(reply) : reject(new Error(`${reply.code}: ${reply.message}`))));
  });
}
