import { PartProcess } from '../support/part-process.js';
import type { Benchmark, Figures } from './benchmark.js';

/** As programs write: whole buffers, and one line at a time, where there is little else to do for each write. */
const OUTPUTS = [
  { name: '100-byte lines, 64 KiB writes', lineBytes: 100, writeBytes: 65_536 },
  { name: '100-byte lines, one a write', lineBytes: 100, writeBytes: 100 },
  { name: '20-byte lines, one a write', lineBytes: 20, writeBytes: 20 },
] as const;

export const logMasking: Benchmark = {
  name: 'log-masking',
  measures: "what looking for ten secrets adds to a runner's processor time for each line",
  async run({ tell, quick }) {
    const figures: Record<string, object> = {};
    for (const { name, lineBytes, writeBytes } of quick ? OUTPUTS.slice(0, 1) : OUTPUTS) {
      const worker = new PartProcess('log masker', 'bench/dist/workers/log-masker.js', {
        BENCH_LINES: quick ? '2000' : '50000',
        BENCH_ROUNDS: quick ? '1' : '7',
        BENCH_LINE_BYTES: String(lineBytes),
        BENCH_WRITE_BYTES: String(writeBytes),
      });
      const { unmasked, masked } = (await worker.hears('masked')) as { unmasked?: number[]; masked?: number[] };
      const [without, withSecrets] = [median(unmasked ?? []), median(masked ?? [])];
      figures[name] = {
        unmasked_us_per_line: rounded(without),
        masked_us_per_line: rounded(withSecrets),
        // of the unmasked rate
        cost_percent: rounded((1 - without / withSecrets) * 100),
      };
      tell(`${name}: ${JSON.stringify(figures[name])}`);
    }
    return figures satisfies Figures;
  },
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
