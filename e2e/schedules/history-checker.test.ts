import { describe, expect, test } from '@jest/globals';
import { groupViolations, historyViolations } from './history-checker.js';
import type { Change } from './witness.js';

type Step = readonly [Change['before'], Change['after']] | readonly [attempt: number, live: boolean];

function history(steps: readonly Step[], job = 'j'): Change[] {
  const row = { job, parent: null, instance: null, atMs: 0 };
  return steps.map((step, id) =>
    typeof step[0] === 'number'
      ? { ...row, id, before: null, after: null, attempt: step[0], live: step[1] }
      : { ...row, id, before: step[0], after: step[1], attempt: 0, live: null },
  );
}

describe('the history of a job', () => {
  test('a plain one, one that was requeued, and one stored as granted are right', () => {
    const plain: Step[] = [
      [null, 'queued'],
      ['queued', 'claimed'],
      [1, true],
      ['claimed', 'running'],
    ];
    const requeued: Step[] = [
      [1, false],
      ['running', 'queued'],
      ['queued', 'running'],
      [2, true],
      [2, false],
    ];
    expect(historyViolations(history([...plain, ...requeued, ['running', 'succeeded']]))).toEqual([]);
    expect(
      historyViolations(
        history([
          [null, 'running'],
          [1, true],
        ]),
      ),
    ).toEqual([]);
  });

  test.each<[string, Step[], RegExp]>([
    [
      'a terminal state that changes',
      [
        [null, 'queued'],
        ['queued', 'canceled'],
        ['canceled', 'queued'],
      ],
      /^I6/,
    ],
    [
      'a transition that is none',
      [
        [null, 'queued'],
        ['queued', 'succeeded'],
      ],
      /^I12/,
    ],
    [
      'two live claims',
      [
        [null, 'queued'],
        [1, true],
        [2, true],
      ],
      /^I1: .* live claims 1 and 2/,
    ],
    [
      'an attempt that is left out',
      [
        [null, 'queued'],
        [2, true],
      ],
      /^I1: .* attempt 2 after 0/,
    ],
  ])('%s is found', (_name, steps, rule) => {
    expect(historyViolations(history(steps))).toEqual([expect.stringMatching(rule)]);
  });

  test('a group that lets in too many is found', () => {
    const [a, b] = [
      history(
        [
          [null, 'queued'],
          ['queued', 'canceled'],
        ],
        'a',
      ),
      history([[null, 'queued']], 'b'),
    ];
    const groups = new Map([
      ['a', 'g'],
      ['b', 'g'],
    ]);
    expect(groupViolations([...a, ...b], groups, 1)).toEqual([]);
    expect(groupViolations([a[0]!, ...b], groups, 1)).toHaveLength(1);
  });
});
