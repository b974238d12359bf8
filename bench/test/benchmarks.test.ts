import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/**
 * Every benchmark, tiny, as people start it: they are used rarely and would rot otherwise. They share the cluster of the tests:
 * one of their own each (`interrupted.test.ts` has them) would take longer to make than most of them take.
 */
async function quickFigures(name: string): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await run(process.execPath, ['bench/dist/main.js', name, '--json', '--quick'], {
    timeout: 280_000,
    env: { ...process.env, BENCH_DATABASE_URL: process.env.DIBS_TEST_DATABASE_URL },
  });
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!) as Readonly<Record<string, unknown>>;
}

const percentiles = { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) };
const latency = { submit_to_claim_ms: percentiles, submit_to_spawn_ms: percentiles };
const onePerSetting = (settings: number) => ({
  asymmetricMatch: (value: object) =>
    Object.keys(value).length === settings &&
    Object.values(value).every((rate) => typeof rate === 'number' && rate > 0),
});

describe('benchmarks', () => {
  it.each([
    ['dispatch-latency', { ...latency, with_20_idle_runners: latency }],
    ['dispatch-throughput', { jobs_per_s: onePerSetting(2) }],
    ['submit-throughput', { jobs_per_s: expect.any(Number), p50_ms: expect.any(Number), p99_ms: expect.any(Number) }],
    ['fanout', { 'instances=25': { claim_ms: percentiles, server_cpu_us_per_job: expect.any(Number) } }],
    ['queue-depth', { 'depth=2000 same lanes': { next_claim_ms: percentiles, claims_per_s: expect.any(Number) } }],
    ['log-ingest', { lines_per_s: onePerSetting(1), server_rss_mb: expect.any(Number) }],
    [
      'log-viewers',
      {
        line_age_ms: { 'viewers=4': percentiles },
        stopped: { mb_per_s: expect.any(Number), server_rss_mb: { peak: expect.any(Number) }, lost_lines: 0 },
      },
    ],
    ['log-masking', { '100-byte lines, 64 KiB writes': { cost_percent: expect.any(Number) } }],
    [
      'log-flood',
      {
        runner_rss_mb: expect.any(Number),
        beside: { neighbour_line_ms: percentiles, job_ms: percentiles },
        beside_to_alone: { job_ms: { p50: expect.any(Number), p95: expect.any(Number) } },
        stored: { receipt: 'cut', is_all_accounted_for: true, has_head_and_tail: true },
      },
    ],
    ['log-search', { 'coloured found': { median_ms: expect.any(Number), total: 2 } }],
    ['reconnect-storm', { leases_held: 5, leases_lost: 0, all_back_s: expect.any(Number) }],
  ])(
    '%s',
    async (name, figures) => {
      expect(await quickFigures(name)).toMatchObject(figures);
    },
    300_000,
  );

  it('says what there is when a name is wrong', async () => {
    const wrong = run(process.execPath, ['bench/dist/main.js', 'speed']);
    await expect(wrong).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('dispatch-latency') });
  });
});
