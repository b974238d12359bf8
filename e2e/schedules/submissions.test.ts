import { expect, test } from '@jest/globals';
import type { Api } from '../support/api.js';
import type { Ledger } from '../support/ledger.js';
import { makeSchedule } from './make-schedule.js';
import { Submissions } from './submissions.js';

const LEDGER = { command: () => 'true' } as unknown as Ledger;
const [opening] = makeSchedule(1).opening;
const PLANNED = opening?.do === 'submit' ? opening.job : null;

/** Answers each submit with the next of these ids; null: the answer is lost. */
function answering(...ids: (string | null)[]): Api {
  const send = (): Promise<Response> => {
    const id = ids.shift() ?? null;
    return id === null ? Promise.reject(new Error('cut')) : Promise.resolve(Response.json({ id }, { status: 201 }));
  };
  return { send } as unknown as Api;
}

test('a job that was made twice is found, also where answers were lost', async () => {
  const submissions = new Submissions(LEDGER);
  const api = answering('a', null, 'c');
  for (const key of [null, null, 7]) await submissions.submit([api], PLANNED!, key);
  const [a, lost, c] = [
    { id: 'a', name: 'submit 0' },
    { id: 'b', name: 'submit 1' },
    { id: 'c', name: 'key 7' },
  ];
  expect(submissions).toMatchObject({ accepted: ['a', 'c'], maybe: 1 });
  expect(submissions.nameViolations([a, c])).toEqual([]);
  expect(submissions.nameViolations([a, lost, c])).toEqual([]);
  expect(submissions.nameViolations([a, { ...a, id: 'x' }])).toEqual([expect.stringMatching(/^I4: .* a and x/)]);
  expect(submissions.nameViolations([c, { ...c, id: 'x' }])).toEqual([expect.stringMatching(/^I5: .* c and x/)]);
  expect(submissions.nameViolations([{ id: 'x', name: 'submit 9' }])).toEqual([expect.stringMatching(/^I4: nobody/)]);
});

test('a key that is answered with another job is found', async () => {
  const submissions = new Submissions(LEDGER);
  const api = answering('a', 'a', 'b');
  for (let sent = 0; sent < 3; sent += 1) await submissions.submit([api], PLANNED!, 7);
  expect(submissions.violations).toEqual([expect.stringMatching(/^I5: key 7 made the jobs a and b/)]);
});
