import { expect, test } from '@jest/globals';
import { countPulumiOperations, countTerraformPlan } from './plan-counts.js';

const count = (plan: object) => countTerraformPlan(JSON.stringify(plan));
const change = (...actions: string[]) => ({ mode: 'managed', change: { actions } });
const none = { add: 0, change: 0, destroy: 0, hasChanges: false };

test('counts what a plan of terraform does; what is replaced goes and comes', () => {
  const changes = [change('create'), change('update'), change('delete', 'create'), change('create', 'delete')];
  const rest = [change('delete'), change('no-op'), change('read'), { mode: 'data', change: { actions: ['create'] } }];
  expect(count({ resource_changes: [...changes, ...rest] })).toEqual({
    add: 3,
    change: 1,
    destroy: 3,
    hasChanges: true,
  });
});

test.each([
  ['nothing at all', {}, false],
  ['nothing but reads', { resource_changes: [change('read'), change('no-op')], applyable: false }, false],
  ['an output that stays', { output_changes: { a: { actions: ['no-op'] } } }, false],
  ['an output', { output_changes: { a: { actions: ['update'] } } }, true],
  ['what is moved', { resource_changes: [{ ...change('no-op'), previous_address: 'a.b' }] }, true],
  ['what is taken over', { resource_changes: [{ change: { actions: ['no-op'], importing: { id: 'x' } } }] }, true],
  ['what is let go', { resource_changes: [change('forget')] }, true],
  ['what terraform calls a change', { applyable: true }, true],
])('%s: changes %#', (_what, plan, hasChanges) => expect(count(plan)).toEqual({ ...none, hasChanges }));

test.each(['', 'null', '"text"', '{'])('%j is no plan, and is not shown', (json) => {
  expect(() => countTerraformPlan(json)).toThrow('does not describe its plan as JSON');
});

test('counts what pulumi does', () => {
  const operations = ['create', 'update', 'same', 'create-replacement', 'replace', 'delete-replaced', 'delete', 'read'];
  expect(countPulumiOperations(operations)).toEqual({ add: 2, change: 1, destroy: 2, hasChanges: true });
  expect(countPulumiOperations(['same', 'refresh'])).toEqual(none);
});
