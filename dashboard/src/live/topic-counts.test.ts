import { expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import { reconnectDelayMs } from './reconnect-delay';
import { TopicCounts } from './topic-counts';

test('a topic is open from its first watcher to its last', () => {
  const counts = new TopicCounts();
  expect(counts.add({ topic: 'jobs' })).toBe(true);
  expect(counts.add({ topic: 'jobs' })).toBe(false);
  expect(counts.add({ topic: 'job', jobId: 'a' as JobId })).toBe(true);
  expect(counts.add({ topic: 'job', jobId: 'b' as JobId })).toBe(true);
  expect(counts.remove({ topic: 'jobs' })).toBe(false);
  expect(counts.all()).toHaveLength(3);
  expect(counts.remove({ topic: 'jobs' })).toBe(true);
  expect(counts.all()).toHaveLength(2);
});

test('waiting grows with the failures, up to a cap', () => {
  expect(reconnectDelayMs(0, 0.999)).toBeLessThanOrEqual(1_000);
  expect(reconnectDelayMs(3, 0.999)).toBeGreaterThan(6_000);
  expect(reconnectDelayMs(1_000, 0.999)).toBeLessThanOrEqual(8_000);
  expect(reconnectDelayMs(5, 0)).toBe(0);
});
