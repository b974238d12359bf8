import { cpuPerLine } from '../support/cpu.js';
import { measureLogStreams } from '../support/log-streams.js';
import type { PostgresServer } from '../support/postgres-server.js';
import type { CompareSize } from './compare-size.js';
import { PeerRig } from './peer-rig.js';
import { Rounds, type RoundsResult } from './rounds.js';

/** Our jobs stream side by side from one process; the settings are those of a runner that is watched, and of a busy one. */
const JOBS = 20;
const BATCHES = [50, 500] as const;
/** Processes that fill a log each: one cannot keep Redis busy, and four of them take the processors from it. */
const RIVALS = [1, 2, 4] as const;

interface LogsCompared extends RoundsResult {
  /** Of all processes that take part, stores included: says the same on a machine that others use. */
  readonly cpu_us_per_line: RoundsResult;
}

/** Lines of 100 bytes stored and acknowledged per second, everything set up afresh in each round. */
export async function compareLogs(
  postgres: PostgresServer,
  { rounds, logMs }: CompareSize,
  tell: (line: string) => void,
): Promise<Readonly<Record<string, LogsCompared>>> {
  const figures = BATCHES.map((batchLines) => ({ batchLines, rounds: new Rounds(), cpu: new Rounds() }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { batchLines, rounds: ours, cpu } of figures) {
      const { linesPerSecond, cpuPerLine: spent } = await measureLogStreams(
        { jobs: JOBS, batchLines, viewers: 0 },
        logMs,
        postgres,
      );
      ours.note('dibs', linesPerSecond);
      cpu.note('dibs', sum(Object.values(spent)));
      await postgres.checkpoint();
    }
    for (const processes of RIVALS) {
      const { rate, cpu } = await fillPeerLogs(postgres, processes, logMs);
      for (const each of figures) {
        each.rounds.note(`bullmq processes=${processes} appendfsync=everysec`, rate);
        each.cpu.note(`bullmq processes=${processes} appendfsync=everysec`, cpu);
      }
    }
    const medians = figures.map(({ batchLines, rounds: ours }) => [batchLines, ours.result('dibs').medians]);
    tell(`log lines/s by batch, round ${round + 1}: ${JSON.stringify(Object.fromEntries(medians))}`);
  }
  return Object.fromEntries(
    figures.map(({ batchLines, rounds: ours, cpu }) => [
      `batch=${batchLines}`,
      { ...ours.result('dibs'), cpu_us_per_line: cpu.result('dibs') },
    ]),
  );
}

async function fillPeerLogs(
  postgres: PostgresServer,
  processes: number,
  sendMs: number,
): Promise<{ readonly rate: number; readonly cpu: number }> {
  const rig = await PeerRig.start('bullmq', postgres, 'everysec');
  try {
    const loggers = await Promise.all(Array.from({ length: processes }, () => rig.logger(sendMs)));
    const warm = loggers.map((logger) => logger.hears('warm'));
    const ends = loggers.map((logger) => logger.hears('sent'));
    loggers.forEach((logger) => logger.tell('go'));
    await Promise.all(warm);
    const before = rig.cpu();
    const sent = (await Promise.all(ends)) as unknown as { readonly lines: number; readonly seconds: number }[];
    const lines = sum(sent.map((each) => each.lines));
    const rate = Math.round(lines / Math.max(...sent.map(({ seconds }) => seconds)));
    return { rate, cpu: cpuPerLine(before, rig.cpu(), lines) };
  } finally {
    await rig.stop();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
