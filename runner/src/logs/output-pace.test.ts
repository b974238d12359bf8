import { beforeEach, expect, test } from '@jest/globals';
import { OutputPace } from './output-pace.js';

let nowMs: number;
let isBesideOthers: boolean;
let pace: OutputPace;
beforeEach(() => {
  nowMs = 5_000;
  isBesideOthers = false;
  pace = new OutputPace(
    () => isBesideOthers,
    () => nowMs,
  );
});

/** Output that keeps the process busy for so long, `pausedMs` after the last. */
function take(busyMs: number, pausedMs = 0): number {
  nowMs += pausedMs;
  return pace.pauseAfter(() => (nowMs += busyMs));
}

/** What a job gets of the time that passes while it prints as fast as it can. */
function shareOfFlood(): number {
  let [busyMs, pauseMs] = [0, 0];
  const startedAtMs = nowMs;
  while (nowMs < startedAtMs + 60_000) {
    pauseMs = take(1, pauseMs);
    busyMs += 1;
  }
  return busyMs / (nowMs - startedAtMs);
}

test('output that comes now and then is never held back', () => {
  for (let lines = 0; lines < 1_000; lines += 1) expect(take(1, 10)).toBe(0);
});

test('a burst passes at once, and after a rest the next one', () => {
  for (let round = 0; round < 3; round += 1) {
    for (let chunk = 0; chunk < 14; chunk += 1) expect(take(1)).toBe(0);
    nowMs += 200;
  }
});

test('a flood gets an eighth of the time, and a quarter of that beside other jobs', () => {
  expect(shareOfFlood()).toBeCloseTo(1 / 8, 2);
  isBesideOthers = true;
  expect(shareOfFlood()).toBeCloseTo(1 / 32, 2);
});

test('a long rest is not saved up for a flood', () => {
  nowMs += 3_600_000;
  expect(shareOfFlood()).toBeCloseTo(1 / 8, 2);
});

test('a process that was frozen while it took output goes on soon', () => {
  isBesideOthers = true;
  expect(take(60_000)).toBe(1_000);
  expect(take(1, 1_000)).toBe(31);
});

test('a pause that lasted longer than asked for counts', () => {
  let pauseMs = 0;
  while (pauseMs === 0) pauseMs = take(1);
  expect(take(1, pauseMs + 50)).toBe(0);
});
