import { AUDIT_ACTIONS, type AuditAction } from '@dibs/shared';
import type { AuditFilter } from '../../api/audit';

/** Successes that change nothing: nearly all that happens in a day are tokens that runners fetch. */
const ROUTINE: readonly AuditAction[] = ['token.issued', 'session.created', 'session.ended'];

/** What is asked for most, before single actions. */
export const ACTION_GROUPS = {
  changes: { label: 'Changes', actions: AUDIT_ACTIONS.filter((action) => !ROUTINE.includes(action)) },
  routine: { label: 'Sign-ins and tokens fetched', actions: ROUTINE },
  everything: { label: 'Everything', actions: [] },
} as const satisfies Record<string, { label: string; actions: readonly AuditAction[] }>;
type ActionGroup = keyof typeof ACTION_GROUPS;

/** What the address bar says is shown. */
export interface AuditView {
  readonly actor: string;
  readonly action: ActionGroup | AuditAction;
  /** As a `datetime-local` field has them: in the reader's zone, without naming it. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: AuditView = { actor: '', action: 'changes', from: '', to: '' };

export function readAuditView(search: URLSearchParams): AuditView {
  const action = search.get('action') ?? NO_FILTER.action;
  return {
    actor: search.get('actor') ?? '',
    action: isGroup(action) || isAction(action) ? action : NO_FILTER.action,
    from: momentOrNone(search.get('from')),
    to: momentOrNone(search.get('to')),
  };
}

export function auditPath({ actor, action, from, to }: AuditView): string {
  const search = new URLSearchParams();
  if (actor) search.set('actor', actor);
  if (action !== NO_FILTER.action) search.set('action', action);
  if (from) search.set('from', from);
  if (to) search.set('to', to);
  return search.size > 0 ? `/administration/audit?${search.toString()}` : '/administration/audit';
}

export function toAuditFilter({ actor, action, from, to }: AuditView): AuditFilter {
  return {
    actor,
    action: isGroup(action) ? ACTION_GROUPS[action].actions.join(',') : action,
    from: from && new Date(from).toISOString(),
    to: to && new Date(to).toISOString(),
  };
}

function isGroup(text: string): text is ActionGroup {
  return Object.hasOwn(ACTION_GROUPS, text);
}

function isAction(text: string): text is AuditAction {
  return (AUDIT_ACTIONS as readonly string[]).includes(text);
}

function momentOrNone(text: string | null): string {
  return text !== null && !Number.isNaN(Date.parse(text)) ? text : '';
}
