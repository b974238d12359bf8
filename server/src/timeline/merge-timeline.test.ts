import { describe, expect, test } from '@jest/globals';
import type { JobEventView } from '@dibs/shared';
import { mergeTimeline, type ClaimFacts } from './merge-timeline.js';

const at = (second: number): string => new Date(1_763_600_000_000 + second * 1_000).toISOString();
const event = (second: number, type: JobEventView['type'], attempt: number | null = null): JobEventView => ({
  at: at(second),
  type,
  attempt,
  text: `${type}.`,
});
const claim = (second: number, more: Partial<ClaimFacts>): ClaimFacts => ({
  at: at(second),
  attempt: 1,
  runner: 'pool',
  instance: 'pool-0',
  instances: 0,
  rounds: 0,
  standing: false,
  ...more,
});

describe('mergeTimeline', () => {
  test('puts offers and standing claims before the claim they led to', () => {
    const merged = mergeTimeline(
      [
        ...[event(0, 'submitted'), event(0, 'queued')],
        ...[event(3, 'claimed', 1), event(3, 'started', 1), event(9, 'claimed', 2)],
      ],
      [claim(3, { instances: 4, rounds: 2 }), claim(9, { attempt: 2, standing: true })],
      [],
    );
    expect(merged.map(({ type }) => type)).toEqual([
      'submitted',
      'queued',
      'offered',
      'claimed',
      'started',
      'standing_claim',
      'claimed',
    ]);
    expect(merged[2]!.text).toBe('Offered to 4 instances in 2 rounds.');
    expect(merged[5]).toMatchObject({ attempt: 2 });
  });

  test('says nothing of a claim that was never offered', () => {
    expect(mergeTimeline([event(1, 'claimed', 1)], [claim(1, {})], [])).toHaveLength(1);
  });

  test('keeps the order of a job that was submitted and granted in one moment', () => {
    const moment = [event(1, 'submitted'), event(1, 'queued'), event(1, 'claimed', 1)];
    const merged = mergeTimeline(moment, [claim(1, { standing: true })], []);
    expect(merged.map(({ type }) => type)).toEqual(['submitted', 'queued', 'standing_claim', 'claimed']);
  });

  test('leaves a claim for the next look that was made after the first read', () => {
    expect(mergeTimeline([event(0, 'queued')], [claim(1, { standing: true })], [])).toHaveLength(1);
  });

  test('tells which pause held the job, why, and until when', () => {
    const pause = { at: at(1), target: 'its lane', note: 'new disks', by: 'jo', until: at(5) };
    expect(mergeTimeline([event(0, 'queued'), event(6, 'claimed')], [], [pause])[1]).toEqual({
      at: at(1),
      type: 'held_by_pause',
      attempt: null,
      text: `Held back by a pause of its lane by jo until ${at(5)}: new disks`,
    });
    const [open] = mergeTimeline([], [], [{ ...pause, by: null, until: null }]);
    expect(open!.text).toBe('Held back by a pause of its lane: new disks');
  });
});
