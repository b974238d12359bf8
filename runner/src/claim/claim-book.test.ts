import { describe, expect, test } from '@jest/globals';
import type { ClaimId, Offer } from '@dibs/shared';
import { ClaimBook } from './claim-book.js';

const offer = (jobId: string, priority = 0): Offer => ({ jobId, priority }) as Offer;
const none = (): boolean => false;
let ids = 0;
const newId = (): string => `claim-${(ids += 1)}`;

describe('ClaimBook', () => {
  test('claims as many as there are free slots, higher priority first, else in the order of the offers', () => {
    const book = new ClaimBook();
    const claims = book.take([offer('a'), offer('b', 5), offer('c'), offer('d', 5)], 3, 1, newId, none);
    expect(claims.map(({ jobId }) => jobId)).toEqual(['b', 'd', 'a']);
    expect(book.size).toBe(3);
  });

  test.each([0, -1])('with %i free slots nothing is claimed', (free) => {
    expect(new ClaimBook().take([offer('a')], free, 1, newId, none)).toEqual([]);
  });

  test('an offer of what is claimed or runs here already is ignored', () => {
    const book = new ClaimBook();
    book.take([offer('a')], 5, 1, newId, none);
    const claims = book.take([offer('a'), offer('b'), offer('c')], 5, 1, newId, (jobId) => (jobId as string) === 'b');
    expect(claims.map(({ jobId }) => jobId)).toEqual(['c']);
  });

  test('what was offered while a claim held the slot is claimed when that claim is lost', () => {
    const book = new ClaimBook();
    const [lost] = book.take([offer('a')], 1, 1, newId, none);
    expect(book.take([offer('b'), offer('c', 1), offer('d', 2)], 1, 1, newId, none)).toEqual([]);
    book.withdraw([offer('d').jobId]);
    book.settle(lost?.claimId as ClaimId);
    expect(book.take([], 1, 1, newId, none).map(({ jobId }) => jobId)).toEqual(['c']);
  });

  test('what was offered while attempts held all slots is claimed as soon as one is free', () => {
    const book = new ClaimBook();
    expect(book.take([offer('a'), offer('b', 1)], 0, 1, newId, none)).toEqual([]);
    expect(book.take([], 1, 1, newId, none).map(({ jobId }) => jobId)).toEqual(['b']);
  });

  test('offers do not outlive their connection', () => {
    const book = new ClaimBook();
    book.take([offer('a'), offer('b')], 1, 1, newId, none);
    book.forgetOffers();
    expect(book.take([], 2, 1, newId, none)).toEqual([]);
  });

  test('a claim keeps the time at which it was first sent', () => {
    const book = new ClaimBook();
    const [claim] = book.take([offer('a')], 1, 17, newId, none);
    expect(claim?.firstSentAtMs).toBe(17);
    expect(book.settle(claim?.claimId as ClaimId)).toBe(claim);
  });

  test('a claim is settled once', () => {
    const book = new ClaimBook();
    const [claim] = book.take([offer('a')], 1, 1, newId, none);
    const claimId = claim?.claimId as ClaimId;
    expect(book.settle(claimId)).toBe(claim);
    expect(book.settle(claimId)).toBeUndefined();
    expect(book.size).toBe(0);
  });
});
