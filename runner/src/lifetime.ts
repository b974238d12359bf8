import type { Logger } from 'pino';
import type { Runner } from './runner.js';

/**
 * How the process ends. First SIGTERM or SIGINT, or the ipc channel of the parent closed: drain. A second signal, or
 * the drain deadline: the jobs are given up. Then the results get a last moment to be answered; what is not stays on
 * disk for the next start.
 */
export class Lifetime {
  private readonly stopRequested: Promise<void>;
  private readonly giveUpRequested: Promise<void>;
  private firstSignalAtMs: number | null = null;

  constructor(private readonly log: Logger) {
    let requestStop = (): void => undefined;
    let requestGiveUp = (): void => undefined;
    this.stopRequested = new Promise((resolve) => (requestStop = resolve));
    this.giveUpRequested = new Promise((resolve) => (requestGiveUp = resolve));
    const onSignal = (signal: NodeJS.Signals): void => {
      this.log.info({ signal }, 'signal received');
      const now = performance.now();
      this.firstSignalAtMs ??= now;
      requestStop();
      // one Ctrl-C reaches this process twice: from the terminal, and from the script that started it
      if (now - this.firstSignalAtMs > SAME_SIGNAL_MS) requestGiveUp();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    process.on('disconnect', requestStop);
  }

  /**
   * Keeps the runner going until the process is told to stop.
   * @param lastWordsMs for the results of what was given up, once it has ended
   * @returns the exit code
   */
  async serve(runner: Runner, drainTimeoutMs: number, lastWordsMs: number): Promise<number> {
    await this.stopRequested;
    runner.drain('the process was told to stop');
    const idle = runner.untilIdle().then(() => 'idle' as const);
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, Math.min(drainTimeoutMs, 2 ** 31 - 1)).unref());
    if ((await Promise.race([idle, deadline, this.giveUpRequested])) !== 'idle') {
      this.log.warn('giving up the jobs that still run');
      const endsWithinMs = runner.stopGraceMs + lastWordsMs;
      runner.giveUp();
      await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, endsWithinMs).unref())]);
    }
    const left = await runner.close();
    if (left > 0) this.log.warn({ left }, 'results are not answered yet: they are sent at the next start');
    return left === 0 ? 0 : 1;
  }
}

const SAME_SIGNAL_MS = 500;
