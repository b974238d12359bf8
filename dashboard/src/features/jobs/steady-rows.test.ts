import { describe, expect, test } from '@jest/globals';
import type { JobState, JobSummary } from '@dibs/shared';
import { steadyRows } from './steady-rows';

const job = (id: string, state: JobState = 'queued') => ({ id, state }) as JobSummary;
const ids = (rows: readonly JobSummary[]) => rows.map(({ id, state }) => `${id} ${state}`);

describe('the rows of a list', () => {
  test('are the latest while nobody is at work on them', () => {
    expect(steadyRows(null, [job('c'), job('b')])).toMatchObject({ rows: [{ id: 'c' }, { id: 'b' }], fresh: 0 });
  });

  test('stay where they are otherwise: known ones with their new state, newer ones counted, older ones behind', () => {
    const { rows, gone, fresh } = steadyRows(
      [job('e'), job('d'), job('b')],
      [job('g'), job('f'), job('e', 'running'), job('c'), job('b'), job('a')],
    );
    expect(ids(rows)).toEqual(['e running', 'd queued', 'b queued', 'a queued']);
    expect([...gone]).toEqual(['d']);
    expect(fresh).toBe(3);
  });
});
