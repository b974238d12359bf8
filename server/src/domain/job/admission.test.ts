import { describe, expect, test } from '@jest/globals';
import { admissionReason } from './admission.js';

const group = { concurrency: { key: 'deploy', limit: 1, supersede: 'none' } } as const;
const plain = { concurrency: null };

describe('admissionReason', () => {
  test('queues a job that nothing holds back', () => {
    expect(admissionReason(plain, { hasQuota: false })).toBeNull();
  });

  test('lets a job of a group wait, however empty the group is', () => {
    expect(admissionReason(group, { hasQuota: false })).toBe('concurrency_group');
  });

  test('lets every job of an organization with a quota wait', () => {
    expect(admissionReason(plain, { hasQuota: true })).toBe('quota');
    expect(admissionReason(group, { hasQuota: true })).toBe('concurrency_group');
  });
});
