import { expect, test } from '@jest/globals';
import { fieldErrors } from './field-errors';

const at = (path: string) => fieldErrors([{ path, message: 'is wrong' }]);

test.each([
  ['name', 'name'],
  ['steps[2].run', 'steps.2.run'],
  ['env', 'env'],
  ['env.PATH', 'env'],
  ['secrets', 'secrets'],
  ['requires.tools', 'requires.tools'],
  ['requires.tools[1]', 'requires.tools'],
  ['concurrency.key', 'concurrency.key'],
  ['retry.onExitCodes', 'retry.onExitCodes'],
  ['fanOut', 'fanOut'],
  ['source.url', 'source.url'],
  ['source', 'source.url'],
  ['files', 'files'],
  ['files[1].path', 'files'],
  ['requires.prefers.disk', 'requires.prefers'],
  ['scope.moduleId', 'scope.moduleId'],
])('a problem of %s is shown at %s', (path, field) => {
  expect(at(path)).toEqual({ fields: { [field]: 'is wrong' }, others: [] });
});

test.each(['steps', 'executor'])('%s has no field', (path) => {
  expect(at(path)).toEqual({ fields: {}, others: [`${path}: is wrong`] });
});

test('two problems of one field are both told', () => {
  const problem = (message: string) => ({ path: 'name', message });
  expect(fieldErrors([problem('is long'), problem('is odd')]).fields).toEqual({ name: 'is long; is odd' });
});
