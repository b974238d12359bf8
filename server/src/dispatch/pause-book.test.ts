import { describe, expect, test } from '@jest/globals';
import type { OrganizationId, RunnerId } from '@dibs/shared';
import { PauseBook, type PauseNote, type PauseTarget } from './pause-book.js';

const ORGANIZATION = 'o1' as OrganizationId;
const OTHER = 'o2' as OrganizationId;
const RUNNER = 'r1' as RunnerId;

describe('PauseBook', () => {
  test('holds nothing until somebody pauses something', () => {
    const book = new PauseBook();
    expect(book.isEmpty).toBe(true);
    expect(book.holdsEverything).toBeNull();
    expect(book.holdsLane(ORGANIZATION, 'a')).toBeNull();
    expect(book.holdsRunner(RUNNER)).toBeNull();
  });

  test('a runner, a lane and an organization hold only themselves', () => {
    const book = bookOf(
      pause({ type: 'runner', id: RUNNER }),
      pause({ type: 'lane', organizationId: ORGANIZATION, id: 'a' }),
      pause({ type: 'organization', id: OTHER }),
    );
    expect(book.isEmpty).toBe(false);
    expect(book.holdsRunner(RUNNER)?.target.type).toBe('runner');
    expect(book.holdsRunner('r2' as RunnerId)).toBeNull();
    expect(book.holdsLane(ORGANIZATION, 'a')?.target.type).toBe('lane');
    expect(book.holdsLane(ORGANIZATION, 'b')).toBeNull();
    expect(book.holdsLane(OTHER, 'b')?.target.type).toBe('organization');
    expect(book.holdsEverything).toBeNull();
  });

  test('a lane of another organization with the same fingerprint is not held', () => {
    const book = bookOf(pause({ type: 'lane', organizationId: OTHER, id: 'a' }));
    expect(book.holdsLane(ORGANIZATION, 'a')).toBeNull();
  });

  test('maintenance holds every lane and is named before any narrower pause', () => {
    const book = bookOf(pause({ type: 'lane', organizationId: ORGANIZATION, id: 'a' }), pause({ type: 'server' }));
    expect(book.holdsEverything?.target.type).toBe('server');
    expect(book.holdsLane(ORGANIZATION, 'a')?.target.type).toBe('server');
    expect(book.holdsLane(OTHER, 'z')?.target.type).toBe('server');
  });

  test('what is left out of the next filling is resumed', () => {
    const book = bookOf(pause({ type: 'server' }), pause({ type: 'runner', id: RUNNER }));
    book.replace([]);
    expect(book.isEmpty).toBe(true);
    expect(book.holdsLane(ORGANIZATION, 'a')).toBeNull();
    expect(book.holdsRunner(RUNNER)).toBeNull();
  });

  test('tells of changes only, in whatever order the rows come', () => {
    const book = new PauseBook();
    let told = 0;
    const unsubscribe = book.onChange(() => (told += 1));
    const [a, b] = [pause({ type: 'server' }), pause({ type: 'runner', id: RUNNER })];
    book.replace([]);
    expect(told).toBe(0);
    book.replace([a, b]);
    book.replace([b, a]);
    expect(told).toBe(1);
    book.replace([{ ...a, note: 'another reason' }, b]);
    expect(told).toBe(2);
    unsubscribe();
    book.replace([]);
    expect(told).toBe(2);
  });
});

function bookOf(...pauses: PauseNote[]): PauseBook {
  const book = new PauseBook();
  book.replace(pauses);
  return book;
}

function pause(target: PauseTarget): PauseNote {
  return { id: target.type, target, note: 'a reason', who: 'somebody', since: new Date(0) };
}
