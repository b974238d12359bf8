import { expect, test } from '@jest/globals';
import type { GitSourceSpec } from '@dibs/shared';
import { sourceNews, watchedSource, type SourceFacts } from './source-news.js';

const facts = (more: Partial<SourceFacts>): SourceFacts => ({
  ...{ resolved: 'b', handled: null, lastRun: null, isPlanning: false },
  ...more,
});

test.each<[string, Partial<SourceFacts>, ReturnType<typeof sourceNews>]>([
  ['a commit that nothing was run with', {}, 'run'],
  ['another commit than the last run took', { lastRun: 'a' }, 'run'],
  ['the commit of the last run', { lastRun: 'b' }, 'known'],
  ['a commit that has begun a run, whatever came of it', { handled: 'b', lastRun: 'a' }, 'known'],
  ['a branch that was set back', { resolved: 'a', handled: 'b', lastRun: 'b' }, 'run'],
  ['a branch that was set back to what stands', { resolved: 'a', handled: 'b', lastRun: 'a' }, 'known'],
  ['a commit that a run may be about to take', { lastRun: 'a', isPlanning: true }, 'later'],
  ['a known commit beside a run', { handled: 'b', isPlanning: true }, 'known'],
])('%s', (_what, more, expected) => {
  expect(sourceNews(facts(more))).toBe(expected);
});

test('a source is watched that can become another commit, and only when asked for', () => {
  const source: GitSourceSpec = { type: 'git', url: 'https://h/x', revision: 'main', path: null, depth: null };
  const watched = (value: GitSourceSpec | null, isOn = true) =>
    watchedSource({
      source: { value, origin: 'module' },
      triggerOnSourceChanged: { value: isOn, origin: 'module' },
    });
  expect(watched(source)).toBe(source);
  expect(watched({ ...source, revision: null })).not.toBeNull();
  expect(watched(source, false)).toBeNull();
  expect(watched(null)).toBeNull();
  expect(watched({ ...source, revision: 'C0FFEE'.padEnd(40, '0') })).toBeNull();
});
