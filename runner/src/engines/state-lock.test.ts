import { expect, test } from '@jest/globals';
import { lockInPulumi, lockInTerraform } from './state-lock.js';

/** As terraform 1.11.4 prints it, in colours. */
function refused(what: string, info: readonly string[], message = 'ConditionalCheckFailed'): string {
  const bar = '\u001b[31m│\u001b[0m \u001b[0m';
  const lines = ['', `Error message: ${message}`, ...info, '', 'Terraform acquires a state lock to protect the state'];
  const error = `${bar}\u001b[1m\u001b[31mError: \u001b[0m\u001b[0m\u001b[1m${what}\u001b[0m`;
  return ['some output', '\u001b[31m╷\u001b[0m\u001b[0m', error, ...lines.map((line) => bar + line), '╵', ''].join(
    '\n',
  );
}

const INFO = [
  'Lock Info:',
  '  ID:        fe43376d-446f-f802-b2bc-0959251f7592',
  '  Path:      states/prod',
  '  Operation: OperationTypePlan',
  '  Who:       ann@box 7',
  '  Version:   1.11.4',
  '  Created:   2026-11-21 19:55:17.958777624 +0000 UTC',
  '  Info:      ',
];

test.each([
  ['a lock of somebody else', refused('Error acquiring the state lock', INFO)],
  ['a lock that could not be given back', refused('Error releasing the state lock', INFO)],
  ['without colours', `Error: Error acquiring the state lock\n\n${INFO.join('\n')}\n`],
  ['a lock file that is told first', refused('Error acquiring the state lock', ['Lock Info: old', ...INFO])],
])('terraform: %s', (_what, output) => {
  expect(lockInTerraform(output)).toEqual({
    ...{ state: 'held', id: 'fe43376d-446f-f802-b2bc-0959251f7592', who: 'ann@box 7' },
  });
});

test('terraform over HTTP tells of its own lock beside the id of the other one', () => {
  const output = refused('Error acquiring the state lock', INFO, 'HTTP remote state already locked: ID=abc-1');
  expect(lockInTerraform(output)).toEqual({ state: 'held', id: 'abc-1', who: null });
});

test.each([
  ['Apply complete!', null],
  ['Lock Info:\n  ID:  \n', null],
  [refused('Error releasing the state lock', []), { state: 'unclear' }],
])('terraform: %j', (output, word) => expect(lockInTerraform(output)).toEqual(word));

test.each([
  [
    [
      'error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.',
      '  s3://bucket/.pulumi/locks/organization/shop/prod/22d8693a-7bae.json: created by ann@box (pid 285) at 2026-01-01T00:00:00Z',
    ].join('\n'),
    { state: 'held', id: '22d8693a-7bae', who: 'ann@box (pid 285)' },
  ],
  ['error: [409] Conflict: Another update is currently in progress.', { state: 'unclear' }],
  ['Updating (prod)\nResources: 3 unchanged', null],
])('pulumi: %j', (output, word) => expect(lockInPulumi(output)).toEqual(word));
