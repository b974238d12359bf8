'use client';

import { CloseButton, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { STATE_GROUPS, type JobView, type StateGroup } from './job-filter';
import classes from './job-filter-bar.module.css';

const TYPING_PAUSE_MS = 250;
const GROUPS = Object.entries(STATE_GROUPS).map(([value, { label }]) => ({ value: value as StateGroup, label }));

interface JobFilterBarProps {
  readonly view: JobView;
  readonly onChange: (view: JobView) => void;
}

export function JobFilterBar({ view, onChange }: JobFilterBarProps) {
  const [typed, setTyped] = useState(view.q);
  const search = useDebouncedCallback((q: string) => onChange({ ...view, q }), TYPING_PAUSE_MS);
  // Back and forward in the browser change the address without the input.
  useEffect(() => setTyped(view.q), [view.q]);
  const change = (q: string): void => {
    setTyped(q);
    search(q.trim());
  };
  return (
    <Group justify="space-between" gap="sm" mb="md">
      <div className={classes.groups}>
        <SegmentedControl
          size="sm"
          data={GROUPS}
          value={view.group}
          onChange={(group) => onChange({ ...view, group })}
          aria-label="State"
        />
      </div>
      <TextInput
        className={classes.search}
        placeholder="Find by name"
        aria-label="Find by name"
        value={typed}
        onChange={(event) => change(event.currentTarget.value)}
        leftSection={<IconSearch size={16} stroke={1.7} />}
        rightSection={typed && <CloseButton size="sm" onClick={() => change('')} aria-label="Clear the search" />}
      />
    </Group>
  );
}
