import { describe, expect, jest, test } from '@jest/globals';
import type { JobHint, JobId } from '@dibs/shared';
import { HintBox } from './hint-box.js';
import { readLiveTopic } from './live-topic.js';
import { Throttle } from './throttle.js';

const job = (id: string, state: JobHint['state'] = 'queued'): JobHint => ({ jobId: id as JobId, state, reason: null });

describe('HintBox', () => {
  test('keeps the newest hint about each thing', () => {
    const box = new HintBox();
    box.addJob(job('a'));
    box.addJob(job('b'));
    box.addJob({ ...job('a', 'running'), organizationId: 'secret' } as JobHint);
    for (const [attempt, upTo] of [
      [1, 5],
      [2, 1],
      [1, 9],
      [2, 3],
      [2, 2],
    ] as const)
      box.addLog({ jobId: 'a' as JobId, attempt, upTo });
    expect(box.take()).toEqual({
      jobs: [job('b'), job('a', 'running')],
      logs: [{ jobId: 'a', attempt: 2, upTo: 3 }],
      runners: false,
      pauses: false,
      runs: false,
    });
    expect(box.isEmpty).toBe(true);
  });

  test('stays small however many jobs change', () => {
    const box = new HintBox();
    for (let index = 0; index < 5000; index += 1) box.addJob(job(String(index)));
    const { jobs } = box.take();
    expect(jobs).toHaveLength(1000);
    expect(jobs.at(-1)?.jobId).toBe('4999');
  });
});

describe('Throttle', () => {
  test('works at once, then once in a period, and never forgets to', () => {
    jest.useFakeTimers();
    try {
      let runs = 0;
      const throttle = new Throttle(
        () => (runs += 1),
        () => 100,
        () => Date.now(),
      );
      throttle.ask();
      throttle.ask();
      jest.advanceTimersByTime(1);
      expect(runs).toBe(1);
      throttle.ask();
      jest.advanceTimersByTime(98);
      expect(runs).toBe(1);
      jest.advanceTimersByTime(2);
      expect(runs).toBe(2);
      throttle.ask();
      throttle.stop();
      jest.advanceTimersByTime(1000);
      expect(runs).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });
});

test('topics', () => {
  const jobId = '0197A000-0000-7000-8000-000000000001';
  expect(readLiveTopic({ topic: 'jobs', extra: 1 })).toEqual({ topic: 'jobs' });
  expect(readLiveTopic({ topic: 'job', jobId })).toEqual({ topic: 'job', jobId: jobId.toLowerCase() });
  for (const wrong of [
    undefined,
    null,
    'jobs',
    [],
    {},
    { topic: 'job' },
    { topic: 'job', jobId: 'x' },
    { topic: 'x' },
  ]) {
    expect(readLiveTopic(wrong)).toBeNull();
  }
});
