'use client';

import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useNodes } from '../../api/hierarchy';

interface ModulePathFieldProps {
  /** Path of a module, or its id; '': any. */
  readonly value: string;
  readonly onChange: (module: string) => void;
}

/** A path that is chosen level by level: a stack, then what is inside. It counts once it leads to a module. */
export function ModulePathField({ value, onChange }: ModulePathFieldProps) {
  const [typed, setTyped] = useState(value);
  const [isOpen, setOpen] = useState(false);
  // back and forward in the browser change it too
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  const [stack, namespace] = typed.split('/');
  const stacks = useNodes('stack', null, isOpen).data;
  const stackId = stacks?.find(({ name }) => name === stack)?.id ?? null;
  const namespaces = useNodes('namespace', stackId, stackId !== null).data;
  const namespaceId = namespaces?.find(({ name }) => name === namespace)?.id ?? null;
  const modules = useNodes('module', namespaceId, namespaceId !== null).data;
  const change = (next: string): void => {
    setTyped(next);
    const wanted = next.trim();
    if (wanted === '' || leadsToModule(wanted)) onChange(wanted);
  };
  const choices =
    namespaceId !== null && modules
      ? modules.map(({ path }) => path)
      : ((stackId === null ? stacks : namespaces) ?? []).map(({ path }) => `${path}/`);
  return (
    <Autocomplete
      label="Module"
      placeholder="any, or stack/namespace/module"
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
      clearButtonProps={{ 'aria-label': 'Any module' }}
    />
  );
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function leadsToModule(text: string): boolean {
  return ID.test(text) || /^[^/]+\/[^/]+\/[^/]+$/.test(text);
}
