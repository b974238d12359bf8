import { randomUUID } from 'node:crypto';
import {
  grantedJobs,
  type ClaimId,
  type Claimed,
  type GrantedJob,
  type HeldAttempt,
  type Hello,
  type Offer,
  PROTOCOL_VERSION,
  type Refusal,
  type ResultsAnswered,
  RUNNER_NAMESPACE,
  type RunnerToServerEvents,
  type ServerToRunnerEvents,
  type Welcome,
  type WireLogLine,
} from '@dibs/shared';
import { io, type Socket } from 'socket.io-client';
import { answered, Backoff, Refused } from './link-retry.js';

export interface ProtocolRunnerOptions {
  readonly url: string;
  readonly token: string;
  readonly instance: string;
  readonly slots: number;
  /** false: takes jobs by offer and claim, as runners without standing claims do. */
  readonly standing?: boolean;
  readonly onJob: (runner: ProtocolRunner, job: GrantedJob) => void;
  /** Each time the server has answered a hello, the first one included. */
  readonly onWelcome?: (runner: ProtocolRunner, welcome: Welcome) => void;
}

/** A runner that speaks the protocol and executes nothing: what runs is up to `onJob`. It comes back when it is cut. */
export class ProtocolRunner {
  private readonly socket: Socket<ServerToRunnerEvents, RunnerToServerEvents>;
  private readonly held = new Map<string, HeldAttempt>();
  private readonly backoff = new Backoff();
  private readonly standing: boolean;
  private renewals: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: ProtocolRunnerOptions) {
    const { url, token, instance } = options;
    this.standing = options.standing ?? true;
    const auth = { token, protocolVersion: PROTOCOL_VERSION, instance, bootId: randomUUID() };
    this.socket = io(url + RUNNER_NAMESPACE, {
      transports: ['websocket'],
      autoConnect: false,
      reconnection: false,
      auth,
    });
    this.socket.on('connect', () => void this.greet());
    this.socket.on('connect_error', (error) => void this.comeBack((error as { data?: Refusal }).data));
    this.socket.on('disconnect', () => void this.comeBack());
    this.socket.on('job:granted', (message) => this.take(grantedJobs(message)));
    this.socket.on('job:offer', ({ offers }) => void this.claim(offers));
  }

  /** Attempts whose result was not answered yet. */
  get attempts(): readonly HeldAttempt[] {
    return [...this.held.values()];
  }

  connect(): void {
    this.socket.connect();
  }

  async startStep(job: GrantedJob): Promise<void> {
    if (job.startedStep !== null) return;
    const start = { ...attemptOf(job), step: 0, atMs: Date.now() };
    await answered((ack) => this.socket.emit('step:started', start, ack));
  }

  /** @returns the number of the last line that is committed */
  async log(attempt: HeldAttempt, firstSeq: number, lines: readonly WireLogLine[]): Promise<number> {
    const reply = await answered<{ ackedSeq: number }>((ack) =>
      this.socket.emit('job:log', { ...attempt, firstSeq, lines }, ack),
    );
    return reply.ackedSeq;
  }

  /** Ends the first step, then the job. @throws Refused */
  async finish(attempt: HeldAttempt, lastSeq: number): Promise<void> {
    const end = { ...attempt, step: 0, atMs: Date.now(), state: 'succeeded' as const, exitCode: 0, signal: null };
    await answered((ack) => this.socket.emit('step:finished', end, ack));
    await this.report(attempt, lastSeq);
  }

  /** The result alone, as for jobs whose executor runs nothing. @throws Refused */
  async report({ jobId, attempt, claimToken }: HeldAttempt, lastSeq = 0): Promise<void> {
    const end = { outcome: 'succeeded' as const, reason: 'completed' as const, exitCode: 0, lastSeq, atMs: Date.now() };
    const { results } = await answered<ResultsAnswered>((ack) =>
      this.socket.emit('job:finished', { results: [{ jobId, attempt, claimToken, ...end }] }, ack),
    );
    this.held.delete(jobId);
    for (const result of results) if (!result.ok) throw new Refused(result);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.renewals);
    this.socket.disconnect();
  }

  private async greet(): Promise<void> {
    const hello: Hello = {
      hostName: 'bench',
      runnerVersion: 'bench',
      slots: this.options.slots,
      tools: [],
      labels: { bench: this.options.instance },
      draining: false,
      standing: this.standing,
      held: this.attempts,
    };
    try {
      const welcome = await answered<Welcome>((ack) => this.socket.emit('runner:hello', hello, ack));
      this.backoff.reset();
      this.renewals = setInterval(() => this.renew(), welcome.timing.renewEveryMs);
      this.take(grantedJobs({ jobs: welcome.granted }));
      this.options.onWelcome?.(this, welcome);
    } catch (error) {
      if (!(error instanceof Refused && error.refusal.retryable)) throw error;
      await this.backoff.wait(error.refusal.retryAfterMs);
      if (this.socket.connected) await this.greet();
    }
  }

  private async comeBack(refusal?: Refusal): Promise<void> {
    clearInterval(this.renewals);
    if (this.closed) return;
    await this.backoff.wait(refusal?.retryAfterMs);
    this.socket.connect();
  }

  private async claim(offers: readonly Offer[]): Promise<void> {
    const claims = offers
      .slice(0, Math.max(0, this.options.slots - this.held.size))
      .map(({ jobId }) => ({ claimId: randomUUID() as unknown as ClaimId, jobId }));
    if (claims.length === 0) return;
    const { results } = await answered<Claimed>((ack) => this.socket.emit('job:claim', { claims }, ack));
    this.take(results.flatMap((result) => (result.ok ? [result.job] : [])));
  }

  private take(jobs: readonly GrantedJob[]): void {
    for (const job of jobs) {
      if (this.held.get(job.jobId)?.attempt === job.attempt) continue;
      this.held.set(job.jobId, attemptOf(job));
      this.options.onJob(this, job);
    }
  }

  private renew(): void {
    const freeSlots = Math.max(0, this.options.slots - this.held.size);
    this.socket.emit('runner:renew', { held: this.attempts, freeSlots, draining: false }, () => undefined);
  }
}

export function attemptOf({ jobId, attempt, claimToken }: HeldAttempt): HeldAttempt {
  return { jobId, attempt, claimToken };
}
