import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Installation } from './support/installation.js';
import { submitViolations } from './support/checker.js';

const RUNNERS = 20;
const JOBS = 500;
const PROCESSES = 4;
const CALLERS = 25;

let installation: Installation;
afterEach(() => installation.stop());

test(`${RUNNERS} runners race for ${JOBS} jobs: each has exactly one claim and runs once`, async () => {
  installation = await Installation.start({ timeScale: 0.5 });
  const executed = path.join(installation.folder, 'executed');
  fs.writeFileSync(executed, '');
  // one write of a line with O_APPEND: whole, whoever else writes
  const step = {
    run: `printf '%s\\n' "$DIBS_JOB_ID $DIBS_ATTEMPT $DIBS_INSTANCE" >> '${executed}'`,
    shell: 'sh' as const,
  };

  const instances = Array.from({ length: RUNNERS }, (_, index) => `racer-${index}`);
  // as many at a time as the machine starts well
  for (let index = 0; index < RUNNERS; index += PROCESSES) {
    const group = instances.slice(index, index + PROCESSES);
    await installation.startRunner({ instance: group[0]! });
    await Promise.all(group.slice(1).map((instance) => installation.startRunner({ instance })));
  }
  const accepted: string[] = [];
  // so many callers, each waiting for its answer: 500 at once would wait behind the very jobs they started
  const submit = async () => {
    for (let job = 0; job < JOBS / CALLERS; job++) accepted.push((await installation.api.submit({ steps: [step] })).id);
  };
  await Promise.all(Array.from({ length: CALLERS }, submit));
  const jobs = [];
  for (const id of accepted) jobs.push(await installation.api.finished(id, 180_000));

  const lines = fs
    .readFileSync(executed, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  expect(lines.map(([job]) => job).sort()).toEqual([...accepted].sort());
  const byLedger = new Map(lines.map(([job, attempt, instance]) => [job, { attempt, instance }]));
  for (const job of jobs) {
    expect({ id: job.id, state: job.state, attempts: job.attempts.length }).toEqual({
      id: job.id,
      state: 'succeeded',
      attempts: 1,
    });
    expect(byLedger.get(job.id)).toEqual({ attempt: '1', instance: job.attempts[0]!.claimedBy.instance });
  }
  // the race was one: the jobs went to many
  expect(new Set(jobs.map((job) => job.claimedBy!.instance)).size).toBeGreaterThan(RUNNERS / 2);
  expect(submitViolations(accepted, await installation.api.jobs(), 0)).toEqual([]);
}, 300_000);
