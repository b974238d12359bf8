import { describe, expect, test } from '@jest/globals';
import type { JobId, OrganizationId } from '@dibs/shared';
import { jobListQuery, type JobListFilter } from './job-list-query.js';

const filter: JobListFilter = {
  organizationId: 'org' as OrganizationId,
  states: [],
  runner: null,
  text: null,
  module: null,
  before: null,
  after: null,
  parentId: null,
  limit: 51,
};

describe('jobListQuery', () => {
  test('gives every combination of filters a statement name of its own, and the same text each time', () => {
    const textOf = new Map<string, string>();
    for (const states of [[], ['queued']] as const)
      for (const runner of [null, 'pool'])
        for (const text of [null, 'build', '0197a000-0000-7000-8000-000000000001'])
          for (const before of [null, 'id' as JobId])
            for (const parentId of [null, 'parent' as JobId])
              for (const after of [null, 'id' as JobId])
                for (const module of [
                  null,
                  '0197a000-0000-7000-8000-000000000001',
                  'prod',
                  'prod/network',
                  'prod/network/vpc',
                ]) {
                  const more = { states, runner, text, before, parentId, after, module };
                  const { statement, values } = jobListQuery({ ...filter, ...more });
                  expect(textOf.get(statement.name)).toBeUndefined();
                  textOf.set(statement.name, statement.text);
                  const used = new Set([...statement.text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
                  expect([...used].sort((a, b) => a - b)).toEqual(values.map((_, index) => index + 1));
                }
    expect(textOf.size).toBe(480);
  });

  test('never lets a caller write a pattern', () => {
    expect(jobListQuery({ ...filter, text: '100%_\\' }).values).toContain('%100\\%\\_\\\\%');
  });
});
