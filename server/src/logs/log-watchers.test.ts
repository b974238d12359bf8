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

test('counts the readers of other servers, and tells those its own alone', () => {
  const bus = new EventBus();
  const [all, own]: string[][] = [[], []];
  bus.on('job.watched', ({ watched }) => all!.push(String(watched)));
  bus.on('log.watched', ({ watched }) => own!.push(String(watched)));
  const watchers = new LogWatchers(bus);
  const job = 'a' as JobId;
  watchers.elsewhere('two', job, true);
  expect(watchers.isWatchedElsewhere(job)).toBe(true);
  const end = watchers.watch(job);
  watchers.elsewhere('two', job, false);
  expect(watchers.watchedAmong([job])).toEqual([job]);
  end();
  watchers.elsewhere('two', job, true);
  watchers.elsewhere('three', job, true);
  watchers.forgetElsewhere('two');
  expect(watchers.watchedAmong([job])).toEqual([job]);
  watchers.forgetElsewhere('three');
  expect(watchers.watchedAmong([job])).toEqual([]);
  expect(all).toEqual(['true', 'false', 'true', 'false']);
  expect(own).toEqual(['true', 'false']);
});
