import { expect, test } from '@jest/globals';
import { AUDIT_ACTIONS } from '@dibs/shared';
import { auditPath, NO_FILTER, readAuditView, toAuditFilter } from './audit-view';

test('the address holds all that is chosen, and nothing else', () => {
  const view = { actor: 'a-1', action: 'user.created', from: '2026-03-01T12:00', to: '2026-03-02T12:00' } as const;
  const path = auditPath(view);
  expect(readAuditView(new URL(path, 'http://x').searchParams)).toEqual(view);
  expect(auditPath(NO_FILTER)).toBe('/administration/audit');
});

test('an address that was typed wrong shows what is shown without it', () => {
  const search = new URLSearchParams({ action: 'toString', from: 'yesterday', to: '' });
  expect(readAuditView(search)).toEqual(NO_FILTER);
});

test('at first one sees changes: every action but those that only let somebody in or out', () => {
  const { action } = toAuditFilter(NO_FILTER);
  const left = AUDIT_ACTIONS.filter((each) => !action.split(',').includes(each));
  expect(left).toEqual(['token.issued', 'session.created', 'session.ended']);
  expect(toAuditFilter({ ...NO_FILTER, action: 'everything' }).action).toBe('');
});

test('moments are told to the server with their zone', () => {
  const { from, to } = toAuditFilter({ ...NO_FILTER, from: '2026-03-01T12:00' });
  expect([from, to]).toEqual([new Date(2026, 2, 1, 12).toISOString(), '']);
});
