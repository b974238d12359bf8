import { expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { LogWatchers } from './log-watchers.js';

test('tells of the first watcher and after the last one', () => {
  const bus = new EventBus();
  const told: string[] = [];
  bus.on('job.watched', ({ jobId, watched }) => told.push(`${jobId} ${watched}`));
  const watchers = new LogWatchers(bus);
  const [a, b] = ['a', 'b'] as JobId[] as [JobId, JobId];
  const ends = [watchers.watch(a), watchers.watch(a)];
  expect(watchers.watchedAmong([a, b])).toEqual([a]);
  ends[0]?.();
  ends[0]?.();
  expect(watchers.watchedAmong([a, b])).toEqual([a]);
  ends[1]?.();
  expect(watchers.watchedAmong([a, b])).toEqual([]);
  watchers.watch(a);
  expect(told).toEqual(['a true', 'a false', 'a true']);
});
