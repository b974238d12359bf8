import { describe, expect, test } from '@jest/globals';
import { FIRST_ROUND_SIZE, ROUNDS, firstRoundSize, leastLoaded, roundMs, wideningSize } from './offer-round.js';

describe('firstRoundSize', () => {
  test.each([1, 2, 3, 4])('broadcasts to all of %i idle instances', (idle) => {
    expect(firstRoundSize(idle, 1)).toBe(idle);
  });

  test.each([5, 1_000, 50_000])('stays bounded with %i idle instances', (idle) => {
    expect(firstRoundSize(idle, 1)).toBe(FIRST_ROUND_SIZE);
  });

  test('does not make instances race while jobs outnumber them', () => {
    expect(firstRoundSize(4, 20_000)).toBe(1);
    expect(firstRoundSize(20, 10)).toBe(2);
  });
});

describe('widening', () => {
  test('begins within milliseconds', () => {
    expect(roundMs(0)).toBeLessThanOrEqual(20);
  });

  test('is over before the sweep would have to help', () => {
    const total = Array.from({ length: ROUNDS }, (_, round) => roundMs(round)).reduce((sum, ms) => sum + ms);
    expect(total).toBeLessThan(5_000);
  });

  test('asks a bounded number of instances, in proportion to the time waited', () => {
    let asked = FIRST_ROUND_SIZE;
    let waitedMs = 0;
    for (let round = 1; round < ROUNDS; round += 1) {
      waitedMs += roundMs(round - 1);
      asked += wideningSize(round);
      expect(asked / waitedMs).toBeLessThan(1);
    }
    expect(asked).toBe(512);
  });
});

describe('leastLoaded', () => {
  const instance = (load: number, unanswered = 0) => ({ load, unanswered });

  test('takes those with the smallest load', () => {
    expect(leastLoaded([instance(0.9), instance(0), instance(0.5)], 2)).toEqual([instance(0), instance(0.5)]);
  });

  test('takes silent ones only when there is nobody else', () => {
    expect(leastLoaded([instance(0, 1), instance(0.9)], 1)).toEqual([instance(0.9)]);
    expect(leastLoaded([instance(0, 1)], 4)).toEqual([instance(0, 1)]);
  });

  test('takes whom the job prefers before who has less to do', () => {
    const [preferred, idle] = [instance(0.9), instance(0)];
    const scoreOf = (each: { load: number }): number => (each === preferred ? 1 : 0);
    expect(leastLoaded([idle, preferred], 1, scoreOf)).toEqual([preferred]);
  });
});
