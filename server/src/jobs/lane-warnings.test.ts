import { describe, expect, test } from '@jest/globals';
import type { JobEventRow } from './job-timeline.js';
import { withWarnings } from './lane-warnings.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const event = (type: JobEventRow['type'], second: number): JobEventRow => {
  return { at: at(second), type, attempt: null, data: {} };
};
const events = [event('submitted', 10), event('queued', 10), event('claimed', 40)];
const typesOf = (all: readonly JobEventRow[]): string[] => all.map(({ type, at }) => `${type}@${at.slice(17, 19)}`);

describe('withWarnings', () => {
  test('puts what is noted on the lane where it happened', () => {
    const all = withWarnings(events, [{ raisedAt: at(20), clearedAt: at(30) }], new Date(at(10)));
    expect(typesOf(all)).toEqual([
      'submitted@10',
      'queued@10',
      'no_matching_runner@20',
      'runner_matches@30',
      'claimed@40',
    ]);
  });

  test('begins with the job when the lane was raised before it', () => {
    const all = withWarnings(events.slice(0, 2), [{ raisedAt: at(1), clearedAt: null }], new Date(at(10)));
    expect(typesOf(all)).toEqual(['submitted@10', 'queued@10', 'no_matching_runner@10']);
  });

  test('changes nothing where nothing is noted', () => {
    expect(withWarnings(events, [], new Date(at(10)))).toBe(events);
  });
});
