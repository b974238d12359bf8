import type { Benchmark } from './benchmarks/benchmark.js';
import { dispatchLatency } from './benchmarks/dispatch-latency.js';
import { dispatchThroughput } from './benchmarks/dispatch-throughput.js';
import { fanout } from './benchmarks/fanout.js';
import { logFlood } from './benchmarks/log-flood.js';
import { logIngest } from './benchmarks/log-ingest.js';
import { logPage } from './benchmarks/log-page.js';
import { logSearch } from './benchmarks/log-search.js';
import { logViewers } from './benchmarks/log-viewers.js';
import { logMasking } from './benchmarks/log-masking.js';
import { queueDepth } from './benchmarks/queue-depth.js';
import { reconnectStorm } from './benchmarks/reconnect-storm.js';
import { submitThroughput } from './benchmarks/submit-throughput.js';
import { compare, compareOnlyLogs } from './compare/compare.js';
import { endAll, endOnSignals } from './support/ending.js';

const BENCHMARKS: readonly Benchmark[] = [
  dispatchLatency,
  dispatchThroughput,
  submitThroughput,
  fanout,
  queueDepth,
  logIngest,
  logMasking,
  logFlood,
  logSearch,
  logViewers,
  reconnectStorm,
  logPage,
  compare,
  compareOnlyLogs,
];

const words = process.argv.slice(2);
const json = words.includes('--json');
const quick = words.includes('--quick');
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are:\n${listed()}`);
  process.exit(2);
}
if (names.length === 0) console.log(`${listed()}\n`);

const chosen = BENCHMARKS.filter(({ name, onDemand }) => (names.length === 0 ? !onDemand : names.includes(name)));
const figures: Record<string, unknown> = {};
endOnSignals();
try {
  for (const benchmark of chosen) {
    const tell = (line: string): void => console.error(`${benchmark.name}: ${line}`);
    figures[benchmark.name] = await benchmark.run({ tell, quick });
    if (!json) console.log(`${benchmark.name}\n${JSON.stringify(figures[benchmark.name], null, 2)}`);
  }
} finally {
  // also what a benchmark that failed in the middle of its start has left
  await endAll();
}
// the last line, alone, whatever was said before
if (json) console.log(JSON.stringify(chosen.length === 1 ? figures[chosen[0]!.name] : figures));

function listed(): string {
  return BENCHMARKS.map(({ name, measures }) => `  ${name.padEnd(20)} ${measures}`).join('\n');
}
