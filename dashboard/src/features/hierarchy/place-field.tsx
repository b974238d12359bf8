'use client';

import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useNodes } from '../../api/hierarchy';

interface PlaceFieldProps {
  /** Path of a stack, namespace or module, or the id of a module; '': anywhere. */
  readonly value: string;
  readonly onChange: (place: string) => void;
}

/** A path that is chosen level by level: a stack, then what is inside. It counts as soon as it leads somewhere. */
export function PlaceField({ value, onChange }: PlaceFieldProps) {
  const [typed, setTyped] = useState(value);
  const [isOpen, setOpen] = useState(false);
  // back and forward in the browser change it too
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    if (placeOf(typed) !== value) setTyped(value);
  }
  const [stack, namespace] = typed.split('/');
  const stacks = useNodes('stack', null, isOpen).data;
  const stackId = stacks?.find(({ name }) => name === stack)?.id ?? null;
  const namespaces = useNodes('namespace', stackId, stackId !== null).data;
  const namespaceId = namespaces?.find(({ name }) => name === namespace)?.id ?? null;
  const modules = useNodes('module', namespaceId, namespaceId !== null).data;
  const change = (next: string): void => {
    setTyped(next);
    const place = placeOf(next);
    const isThere = [stacks, namespaces].some((known) => known?.some(({ path }) => path === place));
    if (place === '' || isThere || leadsToModule(place)) onChange(place);
  };
  const choices =
    namespaceId !== null && modules
      ? modules.map(({ path }) => path)
      : ((stackId === null ? stacks : namespaces) ?? []).map(({ path }) => `${path}/`);
  return (
    <Autocomplete
      label="Stack, namespace or module"
      placeholder="anywhere, or as in prod/network"
      data={[...new Set(choices)]}
      value={typed}
      onChange={change}
      dropdownOpened={isOpen}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      // what is inside can be chosen next
      onOptionSubmit={(chosen) => chosen.endsWith('/') && requestAnimationFrame(() => setOpen(true))}
      spellCheck={false}
      clearable
      clearButtonProps={{ 'aria-label': 'Anywhere' }}
    />
  );
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One is offered as `prod/`, since more may follow. */
function placeOf(typed: string): string {
  return typed.trim().replace(/\/$/, '');
}

function leadsToModule(text: string): boolean {
  return ID.test(text) || /^[^/]+\/[^/]+\/[^/]+$/.test(text);
}
