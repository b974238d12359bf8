'use client';

import type { AssignmentKind } from '@dibs/shared';
import { Select, type SelectProps } from '@mantine/core';
import { useNodes } from '../../api/hierarchy';
import classes from './hierarchy.module.css';

/** Ids; '': none. */
export interface PickedScope {
  readonly stackId: string;
  readonly namespaceId: string;
  readonly moduleId: string;
}

export const NO_SCOPE: PickedScope = { stackId: '', namespaceId: '', moduleId: '' };

interface ScopePickerProps {
  readonly value: PickedScope;
  readonly onChange: (scope: PickedScope) => void;
  /** What a field says while nothing is chosen. */
  readonly placeholder?: string;
  /** By the fields `stackId`, `namespaceId`, `moduleId`. */
  readonly errors?: Readonly<Partial<Record<keyof PickedScope, string>>>;
}

/** A stack, then a namespace of it, then a module of that; each only once there is the one around it. */
export function ScopePicker({ value, onChange, placeholder = 'none', errors = {} }: ScopePickerProps) {
  const { stackId, namespaceId, moduleId } = value;
  return (
    <div className={classes.picker}>
      <NodeSelect
        kind="stack"
        label="Stack"
        parentId={null}
        placeholder={placeholder}
        value={stackId}
        error={errors.stackId}
        onPick={(id) => onChange({ ...NO_SCOPE, stackId: id })}
      />
      <NodeSelect
        kind="namespace"
        label="Namespace"
        parentId={stackId}
        placeholder={placeholder}
        value={namespaceId}
        error={errors.namespaceId}
        onPick={(id) => onChange({ ...NO_SCOPE, stackId, namespaceId: id })}
      />
      <NodeSelect
        kind="module"
        label="Module"
        parentId={namespaceId}
        placeholder={placeholder}
        value={moduleId}
        error={errors.moduleId}
        onPick={(id) => onChange({ stackId, namespaceId, moduleId: id })}
      />
    </div>
  );
}

interface NodeSelectProps extends Pick<SelectProps, 'label' | 'placeholder' | 'error'> {
  readonly kind: AssignmentKind;
  /** '': not chosen yet. */
  readonly parentId: string | null;
  readonly value: string;
  readonly onPick: (id: string) => void;
}

function NodeSelect({ kind, parentId, value, onPick, ...words }: NodeSelectProps) {
  const { data } = useNodes(kind, parentId, parentId !== '');
  const known = data?.map(({ id, name }) => ({ value: id, label: name })) ?? [];
  // one that is gone, or on its way
  const isKnown = value === '' || known.some((one) => one.value === value);
  return (
    <Select
      {...words}
      data={isKnown ? known : [...known, { value, label: data ? value : '…' }]}
      value={value === '' ? null : value}
      onChange={(id) => onPick(id ?? '')}
      disabled={parentId === '' || (data?.length === 0 && value === '')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `No ${kind}` }}
      nothingFoundMessage={`No such ${kind}`}
    />
  );
}
