import type { JobDetail, LogPage, LogReceipt } from '@dibs/shared';
import { startLogViewers, viewerLatency } from '../support/live-log.js';
import type { PartProcess } from '../support/part-process.js';
import { type Percentiles, percentilesOf } from '../support/percentiles.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark, Figures } from './benchmark.js';

const FULL = { lines: 5_000_000, limitMib: 64, aloneMs: 15_000 };
const QUICK = { lines: 60_000, limitMib: 1, aloneMs: 500 };
/** With its line end. */
const LINE_BYTES = 100;
/** Prints when it is, in milliseconds since 1970, as builds do: now and then. */
const NEIGHBOUR = `exec '${process.execPath}' -e 'setInterval(() => console.log(Date.now()), 50)'`;

/** One job prints without end; another one on the same runner prints little and is watched, and jobs come and go. */
export const logFlood: Benchmark = {
  name: 'log-flood',
  measures: 'a job that prints 5,000,000 lines (500 MB): what its neighbours feel, and what is left of its log',
  async run({ tell, quick }) {
    const { lines, limitMib, aloneMs } = quick ? QUICK : FULL;
    const bed = await TestBed.start({ serverEnv: { DIBS_LOG_LIMIT_MIB: String(limitMib) } });
    try {
      const [runner] = await bed.spawnRunners(1, { RUNNER_MAX_CONCURRENT_JOBS: '4' });
      const neighbour = await submit(bed, NEIGHBOUR);
      const alone = await besides(bed, neighbour.id, new Promise((resolve) => setTimeout(resolve, aloneMs)));
      tell(`alone: ${JSON.stringify(alone)}`);

      const resident = new Resident({ runner: runner!, server: bed.server });
      const startedAtMs = performance.now();
      const flood = await submit(bed, `exec seq -f '%0${LINE_BYTES - 1}.0f' ${lines}`);
      const beside = await besides(bed, neighbour.id, ended(bed, flood.id));
      const seconds = (performance.now() - startedAtMs) / 1000;
      resident.stop();
      tell(`beside the flood: ${JSON.stringify(beside)}`);
      return {
        lines_per_s: Math.round(lines / seconds),
        ...{ runner_rss_mb: resident.mebibytes.runner, server_rss_mb: resident.mebibytes.server },
        ...{ alone, beside, beside_to_alone: ratios(beside, alone) },
        stored: await whatIsStored(bed, flood.id, lines),
      } satisfies Figures;
    } finally {
      await bed.stop();
    }
  },
};

interface Felt {
  /** From a line's printing to its being read by a viewer of that job. */
  readonly neighbour_line_ms: Percentiles | null;
  /** Submit → ended, of jobs that do nothing. */
  readonly job_ms: Percentiles;
}

/** Until something has happened. */
async function besides(bed: TestBed, neighbourId: string, until: Promise<unknown>): Promise<Felt> {
  const viewers = await startLogViewers(bed, [neighbourId], 1);
  let isOver = false;
  void until.finally(() => (isOver = true)).catch(() => undefined);
  const tookMs: number[] = [];
  do {
    const startedAtMs = performance.now();
    await bed.api.call('POST', '/api/v1/jobs?wait=30', { steps: [{ run: 'true', shell: 'sh' }] });
    tookMs.push(performance.now() - startedAtMs);
  } while (!isOver);
  await until;
  return { neighbour_line_ms: await viewerLatency(viewers), job_ms: percentilesOf(tookMs) };
}

/** How many times as long it takes beside the flood. */
function ratios(
  beside: Felt,
  alone: Felt,
): Readonly<Record<keyof Felt, { readonly p50: number; readonly p95: number } | null>> {
  const ratio = (what: keyof Felt) => {
    const [flooded, calm] = [beside[what], alone[what]];
    if (!flooded || !calm) return null;
    const of = (p: 'p50' | 'p95'): number => Math.round((100 * flooded[p]) / calm[p]) / 100;
    return { p50: of('p50'), p95: of('p95') };
  };
  return { neighbour_line_ms: ratio('neighbour_line_ms'), job_ms: ratio('job_ms') };
}

function submit(bed: TestBed, run: string): Promise<JobDetail> {
  return bed.api.call<JobDetail>('POST', '/api/v1/jobs', { steps: [{ run, shell: 'sh' }] });
}

/** @throws when it did not succeed */
async function ended(bed: TestBed, id: string): Promise<void> {
  for (;;) {
    const { state, reason } = await bed.api.call<JobDetail>('GET', `/api/v1/jobs/${id}`);
    if (state === 'succeeded') return;
    if (!['queued', 'claimed', 'running'].includes(state)) throw new Error(`the flood ended ${state}: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Head, tail, and what lies between, as anybody can read it. */
async function whatIsStored(bed: TestBed, id: string, lines: number) {
  const logs = `/api/v1/jobs/${id}/logs`;
  const receipt = await receiptOf(bed, logs);
  const head = await bed.api.call<LogPage>('GET', `${logs}?format=json&after=0&limit=1`);
  const tail = await bed.api.call<LogPage>('GET', `${logs}?format=json&tail=1`);
  return {
    receipt: receipt.status,
    mebibytes: Math.round(receipt.bytes / 1024 / 1024),
    lines: receipt.lines,
    lines_left_out: receipt.cut?.lines ?? 0,
    is_all_accounted_for: receipt.lines + (receipt.cut?.lines ?? 0) === lines,
    has_head_and_tail: Number(head.items[0]?.text) === 1 && Number(tail.items[0]?.text) === lines,
  };
}

/** On a machine that others use one request may not be enough for it. */
async function receiptOf(bed: TestBed, logs: string): Promise<LogReceipt> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await bed.api.call<LogReceipt>('GET', `${logs}/receipt`);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

/** The most memory that processes had while it looked. */
class Resident {
  readonly mebibytes: Record<'runner' | 'server', number> = { runner: 0, server: 0 };
  private readonly timer: NodeJS.Timeout;

  constructor(processes: Readonly<Record<'runner' | 'server', PartProcess>>) {
    this.timer = setInterval(() => {
      for (const name of ['runner', 'server'] as const) {
        this.mebibytes[name] = Math.max(this.mebibytes[name], processes[name].residentMebibytes());
      }
    }, 100);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
