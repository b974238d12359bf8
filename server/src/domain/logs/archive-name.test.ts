import { expect, test } from '@jest/globals';
import { archiveName } from './archive-name.js';

const ORGANIZATION = '0189f7a2-0000-7000-8000-000000000001';

test('the name of an archived log tells organization, day, job and attempt', () => {
  const jobId = '019a9d2f-9c00-7abc-8def-0123456789ab';
  expect(archiveName(ORGANIZATION, jobId, 2, 'c0ffee123456')).toBe(
    `${ORGANIZATION}/2025-11-19/${jobId}-2-c0ffee123456.gz`,
  );
});

test('an id that is no time gives a name all the same', () => {
  const jobId = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
  expect(archiveName(ORGANIZATION, jobId, 1, 'c0ffee123456')).toMatch(/^[\w-]+\/\d+-\d\d-\d\d\/[\w-]+\.gz$/);
});
