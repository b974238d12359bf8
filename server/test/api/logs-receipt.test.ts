import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { GrantedJob, JobFinished, JobId, LogReceipt, Problem, StepLogCount, WireLogLine } from '@dibs/shared';
import { LogReceiptRepository } from '../../src/logs/log-receipt.repository.js';
import { FakeRunner, createRunner, stepSucceeded, submitJob, succeeded } from '../support/fake-runner.js';
import { connect, makeTenant } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let fake: FakeRunner;
let runner: string;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  const pool = await createRunner(server);
  runner = (await server.request<{ name: string }>('GET', `/api/v1/runners/${pool.runnerId}`)).body.name;
  fake = await FakeRunner.online(server, pool, { hello: { standing: true } });
});
afterAll(async () => {
  fake.close();
  await client.end();
  await server.stop();
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function countOf(step: number, lines: readonly WireLogLine[]): StepLogCount {
  const texts = lines.filter((line) => line[1] === step && line[4] === undefined).map((line) => `${line[3]}\n`);
  const text = texts.join('');
  return { step, lines: texts.length, bytes: Buffer.byteLength(text), sha256: sha256(text) };
}

const LINES: WireLogLine[] = [
  [1, -1, 's', 'getting ready'],
  [2, 0, 'o', 'größe'],
  [3, 0, 'e', '\u001b[31m\0 red'],
  [4, 1, 'o', ''],
  [5, 0, 's', 'late'],
];
const COUNTED = [countOf(-1, LINES), countOf(0, LINES), countOf(1, LINES)];

interface Ran {
  readonly batches?: readonly WireLogLine[][];
  readonly result?: Partial<JobFinished>;
  readonly body?: object;
}

/** A job that printed these batches, one stored chunk each, and was reported as `result` says. */
async function run({ batches = [LINES.slice(0, 2), LINES.slice(2)], result, body }: Ran): Promise<GrantedJob> {
  const id = await submitJob(server, { steps: [{ run: 'true' }, { run: 'true' }], runner, ...body });
  const job = await fake.grantOf(id);
  const { jobId, attempt, claimToken } = job;
  const firstStep = await fake.request('step:finished', stepSucceeded(job, 0));
  expect(firstStep).toMatchObject({ ok: true });
  await fake.request('step:started', { jobId, attempt, claimToken, step: 1, atMs: 1 });
  await fake.request('step:finished', stepSucceeded(job, 1));
  let firstSeq = 1;
  for (const lines of batches) {
    expect(await fake.request('job:log', { jobId, attempt, claimToken, firstSeq, lines })).toMatchObject({ ok: true });
    firstSeq += lines.length;
  }
  expect(await fake.finish({ ...succeeded(job), lastSeq: firstSeq - 1, ...result })).toEqual({ ok: true });
  return job;
}

async function receiptOf({ jobId }: GrantedJob, query = ''): Promise<LogReceipt> {
  const { status, body } = await server.request<LogReceipt>('GET', `/api/v1/jobs/${jobId}/logs/receipt${query}`);
  expect(status).toBe(200);
  return body;
}

describe('the receipt of a log', () => {
  test('is complete when everything is stored as it was counted, and its sum is that of the text', async () => {
    const job = await run({ result: { log: COUNTED } });
    const receipt = await receiptOf(job);
    expect(receipt).toMatchObject({ status: 'complete', attempt: 1, lastSeq: 5, lines: 5, missing: [] });
    expect(receipt.text).toContain('5 lines');
    expect(receipt.steps.map(({ step, stored, isSame }) => [step, stored, isSame])).toEqual(
      COUNTED.map(({ step, ...counts }) => [step, counts, true]),
    );
    const { body } = await server.request<string>('GET', `/api/v1/jobs/${job.jobId}/logs?step=0&format=text`);
    expect(sha256(body)).toBe(receipt.steps[1]!.stored.sha256);
  });

  test('names the lines of a chunk that is gone, once the log is counted again', async () => {
    const job = await run({ result: { log: COUNTED } });
    const before = await receiptOf(job);
    await client.query('DELETE FROM log_chunks WHERE job_id = $1 AND first_seq = 3', [job.jobId]);
    // what was counted stays until somebody asks anew
    expect(await receiptOf(job)).toEqual(before);
    const after = await receiptOf(job, '?check=true');
    const part = { firstSeq: 3, lastSeq: 5, lines: 3, reason: 'not_stored' };
    expect(after).toMatchObject({ status: 'incomplete', missing: [part], missingParts: 1, lines: 2 });
    expect(after.text).toContain('Lines 3 to 5 are missing.');
    expect(after.steps.map(({ isSame }) => isSame)).toEqual([true, false, false]);
    expect(Date.parse(after.checkedAt!)).toBeGreaterThan(Date.parse(before.checkedAt!));
  });

  test('shows a chunk that was changed, or cannot be read', async () => {
    const job = await run({ result: { log: COUNTED } });
    const replaced = `UPDATE log_chunks SET lines = replace(lines, $2, $3) WHERE job_id = $1`;
    await client.query(replaced, [job.jobId, 'late', 'fate']);
    const changed = await receiptOf(job);
    expect(changed).toMatchObject({ status: 'incomplete', missing: [], lines: 5 });
    expect(changed.steps.map(({ isSame }) => isSame)).toEqual([true, false, true]);
    await client.query(replaced, [job.jobId, '"fate"', '"fate']);
    const part = { firstSeq: 3, lastSeq: 5, lines: 3, reason: 'not_stored' };
    expect(await receiptOf(job, '?check=true')).toMatchObject({ status: 'incomplete', missing: [part] });
  });

  test('tells of lines that the runner had counted and lost', async () => {
    const gap: WireLogLine = [6, -1, 's', 'lost', { lines: 3, reason: 'spool_lost' }];
    const job = await run({ batches: [LINES.slice(0, 2), [gap]], result: { log: COUNTED } });
    const receipt = await receiptOf(job);
    const part = { firstSeq: 3, lastSeq: 3, lines: 3, reason: 'spool_lost' };
    expect(receipt).toMatchObject({ status: 'incomplete', missing: [part], lines: 2 });
    expect(receipt.text).toContain('Step 0 (counted from 0) has 1 of 3 lines.');
  });

  test('is not kept of a job that is not there any more', async () => {
    const gone = randomUUID() as JobId;
    const stored = { lines: 0, bytes: 0, steps: [], missing: [], missingParts: 0 };
    expect(await server.app.get(LogReceiptRepository, { strict: false }).keep(gone, 1, stored)).toBeNull();
    expect((await client.query('SELECT FROM log_receipts WHERE job_id = $1', [gone])).rowCount).toBe(0);
  });

  test('is unknown where the runner did not count, and complete where nothing was printed', async () => {
    expect(await receiptOf(await run({}))).toMatchObject({ status: 'unknown', lines: 5, missing: [] });
    expect(await receiptOf(await run({ batches: [] }))).toMatchObject({ status: 'complete', lines: 0, steps: [] });
  });

  test('is kept for each attempt: one that is tried again, one that the runner gives up', async () => {
    const failed = { outcome: 'failed', reason: 'step_failed', exitCode: 7, log: COUNTED } as const;
    const retry = { maxAttempts: 2, onExitCodes: [7], backoffSeconds: 60 };
    const again = await run({ result: failed, body: { retry } });
    expect(await receiptOf(again, '?attempt=1')).toMatchObject({ status: 'complete', attempt: 1 });
    const lost = { outcome: 'lost', reason: 'runner_restarted', exitCode: null, log: COUNTED.slice(1) } as const;
    const given = await run({ result: lost, body: { onLost: 'fail' } });
    const receipt = await receiptOf(given);
    expect(receipt).toMatchObject({ status: 'incomplete', missing: [] });
    expect(receipt.steps.map(({ isSame }) => isSame)).toEqual([false, true, true]);
  });

  test('is pending until the attempt has ended', async () => {
    const id = await submitJob(server, { runner });
    expect(await server.request('GET', `/api/v1/jobs/${id}/logs/receipt`)).toMatchObject({
      status: 200,
      body: { status: 'pending', checkedAt: null },
    });
    await fake.complete(await fake.grantOf(id));
  });

  test('is of nobody else, and of no attempt that was never made', async () => {
    const { jobId } = await run({ result: { log: COUNTED } });
    const path = `/api/v1/jobs/${jobId}/logs/receipt`;
    const { token } = await makeTenant(client);
    const foreign = await server.request<Problem>('GET', path, undefined, { token });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'job_not_found']);
    const never = await server.request<Problem>('GET', `${path}?attempt=2`);
    expect([never.status, never.body.code]).toEqual([404, 'attempt_not_found']);
    expect((await server.request('GET', `${path}?check=yes`)).status).toBe(400);
  });
});
