'use client';

import { AUDIT_ACTIONS, type AuditAction } from '@dibs/shared';
import { Select } from '@mantine/core';
import { MomentRange } from '../../ui/moment-range';
import { ACTION_GROUPS, type AuditView } from './audit-view';
import { useActors } from './use-actors';
import classes from './administration.module.css';

const ACTIONS = [
  { group: 'Several', items: Object.entries(ACTION_GROUPS).map(([value, { label }]) => ({ value, label })) },
  { group: 'One action', items: AUDIT_ACTIONS.map((action: AuditAction) => ({ value: action, label: action })) },
];

interface AuditFilterBarProps {
  readonly view: AuditView;
  readonly onChange: (view: AuditView) => void;
}

/** Kept in the address, so that a view can be sent to somebody. */
export function AuditFilterBar({ view, onChange }: AuditFilterBarProps) {
  const actors = useActors(view.actor);
  return (
    <div className={classes.filters}>
      <Select
        label="Who"
        placeholder="anybody"
        data={actors}
        value={view.actor || null}
        onChange={(actor) => onChange({ ...view, actor: actor ?? '' })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Anybody' }}
        nothingFoundMessage="Nobody of this name"
      />
      <Select
        label="What"
        data={ACTIONS}
        value={view.action}
        onChange={(action) => onChange({ ...view, action: (action ?? 'changes') as AuditView['action'] })}
        searchable
        allowDeselect={false}
      />
      <MomentRange from={view.from} to={view.to} onChange={(bound) => onChange({ ...view, ...bound })} />
    </div>
  );
}
