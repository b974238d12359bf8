import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import {
  PROTOCOL_VERSION,
  RUNNER_NAMESPACE,
  grantedJobs,
  type ClaimId,
  type ClaimResult,
  type GrantedJob,
  type HeldAttempt,
  type Hello,
  type JobFinished,
  type JobId,
  type JobsGranted,
  type Offer,
  type Refusal,
  type Renew,
  type Renewed,
  type Reply,
  type ResultReply,
  type ResultsAnswered,
  type RunnerHandshake,
  type StepFinished,
  type Welcome,
} from '@dibs/shared';
import type { TestServer } from './test-server.js';

/** Longer than anything a healthy server takes on a busy machine. */
const DEADLINE_MS = 60_000;

export interface RunnerCredentials {
  readonly runnerId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export type FakeRunnerOptions = Partial<Omit<RunnerHandshake, 'token'>> & {
  readonly token?: string;
  readonly origin?: string;
};

interface Received {
  readonly event: string;
  readonly message: unknown;
}

/** The other end of the runner link over a real socket: it says what a test tells it to, right or wrong. */
export class FakeRunner {
  readonly received: Received[] = [];
  readonly disconnected: Promise<string>;
  /** What it renews: attempts it was granted and has not ended. */
  readonly held = new Map<JobId, HeldAttempt>();
  slots = HELLO.slots;
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly socket: Socket,
    readonly instance: string,
    readonly bootId: string,
  ) {
    socket.onAny((event: string, message: unknown) => {
      this.received.push({ event, message });
      for (const look of [...this.waiting]) look();
    });
    this.disconnected = new Promise((resolve) => socket.once('disconnect', resolve));
  }

  /** Opens the socket. @throws ConnectRefused when the handshake is refused */
  static async connect(server: Pick<TestServer, 'url'>, runner: RunnerCredentials, options: FakeRunnerOptions = {}) {
    const fake = FakeRunner.create(server, options.token ?? (await fetchRunnerToken(server, runner)), options);
    const { socket } = fake;
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      // opened, and cut before the namespace answered: this is all that comes
      socket.once('disconnect', (reason) => reject(new ConnectRefused(reason, null)));
      socket.once('connect_error', (error: Error & { data?: Refusal }) => {
        socket.close();
        reject(new ConnectRefused(error.message, error.data ?? null));
      });
      socket.connect();
    });
    return fake;
  }

  /** Not connected yet, for tests that send before the handshake is answered. */
  static create(server: Pick<TestServer, 'url'>, token: string, options: FakeRunnerOptions = {}): FakeRunner {
    const instance = options.instance ?? `fake-${randomUUID().slice(0, 8)}`;
    const bootId = options.bootId ?? randomUUID();
    const auth = { token, protocolVersion: options.protocolVersion ?? PROTOCOL_VERSION, instance, bootId };
    const socket = io(`${server.url}${RUNNER_NAMESPACE}`, {
      auth,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
      ...(options.origin === undefined ? {} : { extraHeaders: { origin: options.origin } }),
    });
    return new FakeRunner(socket, instance, bootId);
  }

  /** Connects, says hello and renews what it holds as a runner must. `renews: false`: it falls silent. */
  static async online(
    server: Pick<TestServer, 'url'>,
    runner: RunnerCredentials,
    options: FakeRunnerOptions & { readonly hello?: Partial<Hello>; readonly renews?: boolean } = {},
  ): Promise<FakeRunner & { welcome: Welcome }> {
    const fake = await FakeRunner.connect(server, runner, options);
    const reply = await fake.hello(options.hello);
    if (!reply.ok) throw new Error(`hello was refused: ${reply.code} ${reply.message}`);
    if (options.renews !== false) fake.keepRenewing(reply.timing.renewEveryMs);
    return Object.assign(fake, { welcome: reply });
  }

  keepRenewing(everyMs: number): void {
    const timer = setInterval(() => void this.renew().catch(() => undefined), everyMs);
    void this.disconnected.then(() => clearInterval(timer));
  }

  renew(overrides: Partial<Renew> = {}): Promise<Reply<Renewed>> {
    const held = [...this.held.values()];
    return this.request('runner:renew', { held, freeSlots: this.slots - held.length, draining: false, ...overrides });
  }

  /** Any event with any message; exactly what the server answers. */
  async request<Success extends object = object>(event: string, message: unknown): Promise<Reply<Success>> {
    return (await this.socket.timeout(DEADLINE_MS).emitWithAck(event, message)) as Reply<Success>;
  }

  hello(overrides: Partial<Hello> = {}): Promise<Reply<Welcome>> {
    this.slots = overrides.slots ?? HELLO.slots;
    for (const each of overrides.held ?? []) this.held.set(each.jobId, each);
    return this.request('runner:hello', { ...HELLO, ...overrides });
  }

  /** @returns the result of one claim */
  async claim(jobId: string, claimId: string = randomUUID()): Promise<ClaimResult> {
    const claims = [{ claimId: claimId as ClaimId, jobId: jobId as JobId }];
    const reply = await this.request<{ results: ClaimResult[] }>('job:claim', { claims });
    if (!reply.ok) throw new Error(`the claim message was refused: ${reply.code} ${reply.message}`);
    const result = reply.results[0]!;
    if (result.ok) this.held.set(result.job.jobId, heldOf(result.job));
    return result;
  }

  /** @throws when somebody else got it */
  async take(jobId: string, claimId?: string): Promise<GrantedJob> {
    const result = await this.claim(jobId, claimId);
    if (!result.ok) throw new Error(`the claim was refused: ${result.code} ${result.message}`);
    return result.job;
  }

  /** Runs every step of the job with exit code 0 and reports success. */
  async complete(job: GrantedJob): Promise<Reply> {
    for (const step of job.spec.steps.keys()) {
      // the start of this one was recorded with the grant
      if (step !== job.startedStep) await this.request('step:started', { ...heldOf(job), step, atMs: Date.now() });
      await this.request('step:finished', stepSucceeded(job, step));
    }
    return this.finish(succeeded(job));
  }

  async finish(result: JobFinished): Promise<ResultReply> {
    const [reply] = await this.finishAll([result]);
    return reply as ResultReply;
  }

  /** @returns one reply for each result, in order; those of a refused message are that refusal */
  async finishAll(results: readonly JobFinished[]): Promise<ResultReply[]> {
    const reply = await this.request<ResultsAnswered>('job:finished', { results });
    const replies = reply.ok ? [...reply.results] : results.map(() => reply);
    replies.forEach((each, index) => each.ok && this.held.delete(results[index]!.jobId));
    return replies;
  }

  /** The grant of this job to a standing claim; waits for it. */
  async grantOf(jobId: string): Promise<GrantedJob> {
    const isIt = (job: GrantedJob): boolean => job.jobId === jobId;
    const { message } = await this.until('job:granted', (event) => grantedIn(event).some(isIt));
    const job = grantedIn(message).find(isIt)!;
    this.held.set(job.jobId, heldOf(job));
    return job;
  }

  /** The first offer of this job; waits for it. */
  offerOf(jobId: string): Promise<Received> {
    return this.until('job:offer', (message) => {
      return (message as { offers: readonly Offer[] }).offers.some((offer) => offer.jobId === jobId);
    });
  }

  /** The first event of this name that passes, received already or still to come. */
  until(event: string, passes: (message: unknown) => boolean = () => true): Promise<Received> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.received.find((each) => each.event === event && passes(each.message));
        if (!found) return;
        this.waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        const heard = this.received.map((each) => each.event).join(', ');
        reject(new Error(`no ${event} within ${DEADLINE_MS} ms; received: ${heard || 'nothing'}`));
      }, DEADLINE_MS);
      this.waiting.add(look);
      look();
    });
  }

  close(): void {
    this.socket.close();
  }
}

export function grantedIn(message: unknown): readonly GrantedJob[] {
  return grantedJobs(message as JobsGranted);
}

export class ConnectRefused extends Error {
  constructor(
    message: string,
    readonly refusal: Refusal | null,
  ) {
    super(message);
  }
}

export const HELLO: Hello = {
  hostName: 'test-host',
  runnerVersion: '0.0.0',
  slots: 1,
  tools: [],
  labels: {},
  draining: false,
  standing: false,
  held: [],
};

export function heldOf({ jobId, attempt, claimToken }: GrantedJob): HeldAttempt {
  return { jobId, attempt, claimToken };
}

export function stepSucceeded(job: GrantedJob, step: number): StepFinished {
  return { ...heldOf(job), step, atMs: Date.now(), state: 'succeeded', exitCode: 0, signal: null };
}

export function succeeded(job: GrantedJob): JobFinished {
  return { ...heldOf(job), outcome: 'succeeded', reason: 'completed', exitCode: 0, lastSeq: 0, atMs: Date.now() };
}

/** Registers a runner record with a principal of its own. */
export async function createRunner(server: TestServer, body: object = {}, token?: string): Promise<RunnerCredentials> {
  const name = `runner-${randomUUID().slice(0, 8)}`;
  const { status, body: created } = await server.request<{
    id: string;
    credentials: { clientId: string; clientSecret: string };
  }>('POST', '/api/v1/runners', { name, ...body }, token === undefined ? {} : { token });
  if (status !== 201) throw new Error(`POST /api/v1/runners: ${status} ${JSON.stringify(created)}`);
  return { runnerId: created.id, ...created.credentials };
}

export async function fetchRunnerToken(server: Pick<TestServer, 'url'>, runner: RunnerCredentials): Promise<string> {
  const { clientId, clientSecret } = runner;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const response = await fetch(`${server.url}/connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!response.ok) throw new Error(`POST /connect/token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

/** @returns the id of a new job of one step */
export async function submitJob(server: TestServer, body: object = {}): Promise<JobId> {
  const { status, body: job } = await server.request<{ id: JobId }>('POST', '/api/v1/jobs', {
    steps: [{ run: 'true' }],
    ...body,
  });
  if (status !== 201) throw new Error(`POST /api/v1/jobs: ${status} ${JSON.stringify(job)}`);
  return job.id;
}

/** @returns the ids of many new jobs of one step, submitted in one call */
export async function submitJobs(server: TestServer, count: number): Promise<JobId[]> {
  const jobs = Array.from({ length: count }, () => ({ steps: [{ run: 'true' }] }));
  const { status, body } = await server.request<{ items: { id: JobId }[] }>('POST', '/api/v1/jobs/bulk', { jobs });
  if (status !== 201) throw new Error(`POST /api/v1/jobs/bulk: ${status} ${JSON.stringify(body)}`);
  return body.items.map((job) => job.id);
}

/** Asks again until the answer passes; the database is asked, never a clock. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  passes: (value: Value) => boolean,
  withinMs = DEADLINE_MS,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (passes(value)) return value;
    if (Date.now() > deadline) throw new Error(`still not so after ${withinMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
