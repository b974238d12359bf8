import { setTimeout as delay } from 'node:timers/promises';
import type { GrantedJob, JobDetail, WireLogLine } from '@dibs/shared';
import { HttpApi } from './http-api.js';
import { LogText } from './log-text.js';
import { openRunners } from './open-runners.js';
import { attemptOf, type ProtocolRunner } from './protocol-runner.js';
import type { TestBed } from './test-bed.js';

const BATCH_LINES = 500;
const IN_FLIGHT = 4;
const PACED_MS = 20;

/** One running job that prints what it is told to. */
export class LogWriter {
  lastSeq = 0;
  private isPaced = false;
  private pacing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly runner: ProtocolRunner,
    private readonly job: GrantedJob,
    private readonly textOf: (seq: number) => string,
  ) {}

  static async start(bed: TestBed, kind: 'plain' | 'coloured' = 'coloured'): Promise<LogWriter> {
    let grant = (_job: GrantedJob): void => undefined;
    const granted = new Promise<GrantedJob>((resolve) => (grant = resolve));
    const { token } = await HttpApi.signIn(bed.url, await bed.runnerCredentials());
    const [runner] = await openRunners({ count: 1 }, { url: bed.url, token, slots: 1, onJob: (_r, job) => grant(job) });
    await bed.api.call<JobDetail>('POST', '/api/v1/jobs', { name: 'a million lines', steps: [{ run: 'true' }] });
    const job = await granted;
    await runner!.startStep(job);
    return new LogWriter(runner!, job, kind === 'plain' ? plainText() : colouredText);
  }

  get jobId(): string {
    return this.job.jobId;
  }

  /** As fast as they are acknowledged. */
  async write(lines: number): Promise<void> {
    const until = this.lastSeq + lines;
    const inFlight = new Set<Promise<unknown>>();
    while (this.lastSeq < until) {
      const sent: Promise<unknown> = this.send(Math.min(BATCH_LINES, until - this.lastSeq)).finally(() =>
        inFlight.delete(sent),
      );
      inFlight.add(sent);
      if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  }

  /** So many lines each second, until `stop`. */
  pace(linesPerSecond: number): void {
    this.isPaced = true;
    this.pacing = this.writePaced(linesPerSecond);
  }

  async stop(): Promise<void> {
    this.isPaced = false;
    await this.pacing;
    await this.runner.finish(attemptOf(this.job), this.lastSeq);
    this.runner.close();
  }

  private async writePaced(linesPerSecond: number): Promise<void> {
    const [startedAtMs, first] = [performance.now(), this.lastSeq];
    while (this.isPaced) {
      const due = first + ((performance.now() - startedAtMs) / 1_000) * linesPerSecond;
      if (due - this.lastSeq >= 1) await this.send(Math.min(BATCH_LINES, Math.floor(due - this.lastSeq)));
      await delay(PACED_MS);
    }
  }

  private send(count: number): Promise<number> {
    const firstSeq = this.lastSeq + 1;
    this.lastSeq += count;
    const atMs = Date.now();
    const lines = Array.from({ length: count }, (_, index): WireLogLine => [
      atMs,
      0,
      'o',
      this.textOf(firstSeq + index),
    ]);
    return this.runner.log(attemptOf(this.job), firstSeq, lines);
  }
}

/** Some 100 bytes; each thousandth has the words that are searched for. */
function plainText(): (seq: number) => string {
  const texts = new LogText();
  return (seq) => texts.line(`${wordsOf(seq)} ${seq} `);
}

/** The same in three colours, as test runners print them. */
function colouredText(seq: number): string {
  const colour = 31 + (seq % 6);
  return `\u001b[${colour}m✓\u001b[39m test ${seq} of the suite \u001b[1m${wordsOf(seq)}\u001b[22m \u001b[38;5;${seq % 256}m(${seq % 97} ms)\u001b[0m`;
}

function wordsOf(seq: number): string {
  return seq % 1_000 === 0 ? 'connection refused' : 'passed';
}
