import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  RUNNER_NAMESPACE,
  type CancelOrder,
  type ClaimResult,
  type GrantedJob,
  type HeldAttempt,
  type Hello,
  type JobFinished,
  type JobId,
  type JobSpec,
  type JobsFinished,
  type LinkTiming,
  type LogBatch,
  type Refusal,
  type Renew,
  type ResultReply,
  type RunnerHandshake,
  type RunnerToServerEvents,
  type ServerToRunnerEvents,
  type SourceLook,
  type SourceSeen,
  type StepFinished,
  type StepStarted,
  type Welcome,
  type WireLogLine,
} from '@dibs/shared';
import { Server, type Socket } from 'socket.io';
import { eventually } from './eventually.js';
import { FakeFiles } from './fake-files.js';

type RunnerSocket = Socket<RunnerToServerEvents, ServerToRunnerEvents>;
export type RunnerEvent = keyof RunnerToServerEvents;

/** What the fake does with one message instead of answering it. */
export type Mishap =
  /** Carried out, but the connection is cut before the reply. */
  | 'lose_reply'
  /** Cut before anything is carried out. */
  | 'lose_request'
  /** Neither carried out nor answered, and the connection stays. */
  | 'ignore'
  | Refusal;

export interface FakeJob extends GrantedJob {
  claimId: string | null;
  /** It was given to a standing claim. */
  isGranted: boolean;
  readonly lines: WireLogLine[];
  readonly started: StepStarted[];
  readonly finishedSteps: StepFinished[];
  finished: JobFinished | null;
  fenced: boolean;
  cancel: CancelOrder | null;
}

/** The server's side of the runner link over a real socket, with a script of mishaps and a record of all it got. */
export class FakeServer {
  readonly jobs = new Map<JobId, FakeJob>();
  readonly received: { event: RunnerEvent; message: unknown }[] = [];
  readonly handshakes: RunnerHandshake[] = [];
  readonly tokenRequests: string[] = [];
  readonly registrations: unknown[] = [];
  readonly hellos: Hello[] = [];
  timing: LinkTiming = {
    leaseMs: 3000,
    renewEveryMs: 100,
    trustMs: 2250,
    logPeriodWatchedMs: 5,
    logPeriodIdleMs: 20,
  };
  /** Set: every handshake is turned away. */
  refuseHandshake: Refusal | null = null;
  refuseToken = false;
  drainWanted = false;
  /** false: it is older than the counts of the log. */
  takesLogCounts = true;
  takesEngineResults = true;
  readonly files = new FakeFiles();
  onFinished: (job: FakeJob) => void = () => undefined;
  /** Called right behind the answer to a hello: what it sends arrives with that. */
  onWelcomed: () => void = () => undefined;
  /** Set: leases are not renewed, though the connection is fine. */
  refuseRenewals: Refusal | null = null;
  /** Set: what this result is answered instead of being accepted; null: accept it. */
  refuseResult: (result: JobFinished) => ResultReply | null = () => null;
  /** For those who connect from now on. */
  pingTimeoutMs = 500;
  private readonly mishaps = new Map<RunnerEvent, Mishap[]>();
  private http: HttpServer | null = null;
  private io: Server<RunnerToServerEvents, ServerToRunnerEvents> | null = null;
  private port = 0;

  static async start(): Promise<FakeServer> {
    const server = new FakeServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Also after stop(): on the same port, with all it knew. */
  async listen(): Promise<void> {
    const http = createServer((request, response) => void this.answerHttp(request, response));
    this.http = http;
    this.io = new Server(http, { transports: ['websocket'], pingInterval: 500 });
    const runners = this.io.of(RUNNER_NAMESPACE);
    runners.use((socket, next) => {
      this.handshakes.push(socket.handshake.auth as RunnerHandshake);
      if (!this.refuseHandshake) return next();
      next(Object.assign(new Error(this.refuseHandshake.message), { data: this.refuseHandshake }));
    });
    runners.on('connection', (socket) => this.serve(socket));
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve));
    this.port = (http.address() as AddressInfo).port;
    // engine.io asks for it with every connection
    Object.defineProperty(this.io.engine.opts, 'pingTimeout', { get: () => this.pingTimeoutMs });
  }

  async stop(): Promise<void> {
    const { http, io } = this;
    this.http = null;
    this.io = null;
    await io?.close();
    http?.closeAllConnections();
  }

  /** The next message of this kind meets with this. */
  script(event: RunnerEvent, ...mishaps: Mishap[]): void {
    this.mishaps.set(event, [...(this.mishaps.get(event) ?? []), ...mishaps]);
  }

  addJob(spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>, secrets: Record<string, string> = {}): FakeJob {
    const job: FakeJob = {
      jobId: randomUUID() as JobId,
      attempt: 1,
      claimToken: randomUUID(),
      spec: { ...DEFAULT_SPEC, ...spec },
      secrets,
      startedStep: null,
      claimId: null,
      isGranted: false,
      lines: [],
      started: [],
      finishedSteps: [],
      finished: null,
      fenced: false,
      cancel: null,
    };
    this.jobs.set(job.jobId, job);
    return job;
  }

  offer(...jobs: FakeJob[]): void {
    this.emit('job:offer', { offers: jobs.map(({ jobId }) => ({ jobId, priority: 0 })) });
  }

  /** What the server says when a standing claim got these, `startedStep` included where nothing must be prepared. */
  grant(...jobs: FakeJob[]): void {
    for (const job of jobs) job.isGranted = true;
    this.emit('job:granted', { jobs: jobs.map(toGranted) });
  }

  /** Every result that arrived, in order, also those that were not accepted. */
  results(): JobFinished[] {
    return this.messages('job:finished').flatMap((message) => (message as JobsFinished).results);
  }

  emit<Event extends Exclude<keyof ServerToRunnerEvents, 'source:look'>>(
    event: Event,
    ...args: Parameters<ServerToRunnerEvents[Event]>
  ): void {
    this.io?.of(RUNNER_NAMESPACE).emit(event, ...args);
  }

  /** Asks every runner that is connected. */
  look(question: Omit<SourceLook, 'timeoutMs'>): Promise<SourceSeen[]> {
    const runners = this.io!.of(RUNNER_NAMESPACE).timeout(60_000);
    return runners.emitWithAck('source:look', { ...question, timeoutMs: 30_000 });
  }

  /** Adds the job and offers it, again and again like the server's sweep, until it was claimed. */
  async run(spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>, secrets?: Record<string, string>): Promise<FakeJob> {
    const job = this.addJob(spec, secrets);
    let looks = 0;
    await eventually('the claim', () => {
      if (job.claimId === null && looks++ % 20 === 0) this.offer(job);
      return job.claimId !== null;
    });
    return job;
  }

  /** All connections end without a word of the protocol. */
  cut(): void {
    for (const socket of this.io?.of(RUNNER_NAMESPACE).sockets.values() ?? []) socket.conn.close();
  }

  messages(event: RunnerEvent): unknown[] {
    return this.received.filter((entry) => entry.event === event).map(({ message }) => message);
  }

  async finished(job: FakeJob): Promise<JobFinished> {
    await eventually('the result', () => job.finished !== null);
    return job.finished as JobFinished;
  }

  textOf(job: FakeJob, stream = 'o'): string[] {
    return job.lines.filter((line) => line[2] === stream).map((line) => line[3]);
  }

  private serve(socket: RunnerSocket): void {
    const answer = <Message, Success>(
      event: RunnerEvent,
      carryOut: (message: Message) => ({ ok: true } & Success) | Refusal,
    ): void => {
      const onMessage = (message: Message, ack: (reply: ({ ok: true } & Success) | Refusal) => void): void => {
        this.received.push({ event, message });
        const mishap = this.mishaps.get(event)?.shift();
        if (mishap === 'ignore') return;
        if (mishap === 'lose_request') return socket.conn.close();
        if (typeof mishap === 'object') return ack(mishap);
        const reply = carryOut(message);
        if (mishap === 'lose_reply') return socket.conn.close();
        ack(reply);
        if (event === 'runner:hello') this.onWelcomed();
      };
      (socket as unknown as { on(event: string, listener: unknown): void }).on(event, onMessage);
    };
    answer('runner:hello', (hello: Hello) => this.welcome(hello));
    answer('runner:renew', ({ held }: Renew) => this.refuseRenewals ?? this.renew(held));
    answer('job:claim', (message: { claims: readonly { claimId: string; jobId: JobId }[] }) => ({
      ok: true as const,
      results: message.claims.map((claim) => this.claim(claim)),
    }));
    answer('step:started', (message: StepStarted) => this.onAttempt(message, (job) => job.started.push(message)));
    answer('step:finished', (message: StepFinished) =>
      this.onAttempt(message, (job) => job.finishedSteps.push(message)),
    );
    answer('source:offer', () => ({ ok: true as const }));
    answer('job:log', (batch: LogBatch) => this.append(batch));
    answer('job:finished', ({ results }: JobsFinished) => ({
      ok: true as const,
      results: results.map((result) => this.refuseResult(result) ?? this.finish(result)),
    }));
  }

  private welcome(hello: Hello): { ok: true } & Welcome {
    this.hellos.push(hello);
    return {
      ok: true,
      sessionId: randomUUID() as Welcome['sessionId'],
      runnerId: randomUUID() as Welcome['runnerId'],
      runnerName: 'fake-pool',
      instanceId: randomUUID() as Welcome['instanceId'],
      serverVersion: '0.0.0-fake',
      timing: this.timing,
      limits: {
        maxEventBytes: 256 * 1024,
        maxBatchLines: 500,
        logCounts: this.takesLogCounts,
        engineResults: this.takesEngineResults,
        sourceLooks: true,
      },
      attempts: hello.held.map((held) => {
        const { jobId, attempt } = held;
        const job = this.jobs.get(jobId);
        if (!job || this.refusalFor(held)) return { jobId, attempt, standing: 'fenced' as const };
        return { jobId, attempt, standing: 'current' as const, ackedSeq: job.lines.length, cancel: job.cancel };
      }),
      granted: [...this.jobs.values()]
        .filter((job) => job.isGranted && !job.finished && !job.fenced)
        .filter(({ jobId }) => !hello.held.some((held) => held.jobId === jobId))
        .map(toGranted),
    };
  }

  private renew(held: readonly HeldAttempt[]) {
    const jobs = held.map(({ jobId }) => this.jobs.get(jobId));
    return {
      ok: true as const,
      fenced: held.filter((entry) => this.refusalFor(entry)).map(({ jobId, attempt }) => ({ jobId, attempt })),
      cancels: jobs.flatMap((job) => (job?.cancel && !job.finished ? [job.cancel] : [])),
      watched: [],
      drain: this.drainWanted,
    };
  }

  private claim({ claimId, jobId }: { claimId: string; jobId: JobId }): ClaimResult {
    const job = this.jobs.get(jobId);
    const id = claimId as ClaimResult['claimId'];
    if (!job) return { ...refusal('E_NOT_FOUND'), claimId: id };
    if (job.claimId !== null && job.claimId !== claimId) return { ...refusal('E_ALREADY_CLAIMED'), claimId: id };
    job.claimId = claimId;
    return { ok: true, claimId: id, job: toGranted(job) };
  }

  private append({ firstSeq, lines, ...held }: LogBatch) {
    const refused = this.refusalFor(held);
    const job = this.jobs.get(held.jobId);
    if (refused || !job) return refused ?? refusal('E_NOT_FOUND');
    const stored = job.lines.length;
    if (firstSeq > stored + 1) return { ...refusal('E_GAP', true), ackedSeq: stored };
    job.lines.push(...lines.slice(stored + 1 - firstSeq));
    return { ok: true as const, ackedSeq: job.lines.length };
  }

  private finish(message: JobFinished): ResultReply {
    const job = this.jobs.get(message.jobId);
    if (job?.finished && JSON.stringify(job.finished) === JSON.stringify(message)) return { ok: true };
    const refused = this.refusalFor(message);
    if (refused || !job) return refused ?? refusal('E_NOT_FOUND');
    if (message.lastSeq !== job.lines.length) return { ...refusal('E_GAP', true), ackedSeq: job.lines.length };
    job.finished = message;
    this.onFinished(job);
    return { ok: true };
  }

  private onAttempt(held: HeldAttempt, carryOut: (job: FakeJob) => void): { ok: true } | Refusal {
    const refused = this.refusalFor(held);
    const job = this.jobs.get(held.jobId);
    if (refused || !job) return refused ?? refusal('E_NOT_FOUND');
    carryOut(job);
    return { ok: true };
  }

  private refusalFor(held: HeldAttempt): Refusal | null {
    const job = this.jobs.get(held.jobId);
    const isCurrent = job && !job.fenced && job.attempt === held.attempt && job.claimToken === held.claimToken;
    if (!isCurrent) return refusal('E_FENCED');
    return job.finished ? refusal('E_TERMINAL') : null;
  }

  private async answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url?.startsWith('/api/v1/attempts/'))
      return this.files.answer(request, Buffer.concat(chunks), response);
    const body = Buffer.concat(chunks).toString();
    const reply = (status: number, content: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    if (request.url === '/connect/token') {
      const credentials = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
      this.tokenRequests.push(credentials);
      if (this.refuseToken || credentials.startsWith('stale:')) return reply(401, { error: 'invalid_client' });
      return reply(200, { access_token: `token-${this.tokenRequests.length}`, token_type: 'Bearer', expires_in: 900 });
    }
    if (request.url === '/api/v1/runners/register') {
      this.registrations.push(JSON.parse(body));
      const clientId = `registered-${this.registrations.length}`;
      return reply(201, { credentials: { clientId, clientSecret: 'registered-secret' } });
    }
    reply(404, {});
  }
}

function toGranted({ jobId, attempt, claimToken, spec, secrets, startedStep }: FakeJob): GrantedJob {
  return { jobId, attempt, claimToken, spec, secrets, startedStep };
}

export function refusal(code: Refusal['code'], retryable = false, retryAfterMs?: number): Refusal {
  return {
    ok: false,
    code,
    message: `scripted ${code}`,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

export function step(run: string, rest: Partial<JobSpec['steps'][number]> = {}): JobSpec['steps'][number] {
  return { name: 'step', run, shell: 'sh', timeoutSeconds: null, ...rest };
}

const DEFAULT_SPEC: Omit<JobSpec, 'steps'> = {
  name: 'job',
  env: {},
  source: null,
  files: [],
  executor: { type: 'shell' },
  requires: { tools: [], labels: {}, prefers: {} },
  runner: null,
  instance: null,
  priority: 0,
  timeoutSeconds: 60,
  queueTimeoutSeconds: 60,
  slots: 1,
  retry: null,
  concurrency: null,
  fanOut: null,
  scope: null,
  onLost: 'requeue',
  maxAttempts: 3,
};
