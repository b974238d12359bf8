'use client';

import { Button, CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, type RefObject } from 'react';
import { useSettledText } from '../../ui/use-settled-text';
import { SavedViews } from '../job-views/saved-views';
import { countMore, STATE_GROUPS, type JobView, type StateGroup } from './job-filter';
import { MoreFilters } from './more-filters';
import classes from './job-filter-bar.module.css';

const GROUPS = Object.entries(STATE_GROUPS).map(([value, { label }]) => ({ value: value as StateGroup, label }));

interface JobFilterBarProps {
  readonly view: JobView;
  readonly onChange: (view: JobView) => void;
  readonly searchRef: RefObject<HTMLInputElement | null>;
}

export function JobFilterBar({ view, onChange, searchRef }: JobFilterBarProps) {
  const [typed, change] = useSettledText(view.q, (q) => onChange({ ...view, q }));
  const more = countMore(view);
  const [isOpen, folded] = useDisclosure(more > 0);
  const groups = useRef<HTMLDivElement>(null);
  // on a phone they scroll, and the one that is chosen may be out of sight
  useEffect(() => {
    groups.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view.group]);
  return (
    <div className={classes.bar} role="search" aria-label="Jobs">
      <div ref={groups} className={classes.groups}>
        <SegmentedControl
          size="sm"
          data={GROUPS}
          value={view.group}
          onChange={(group) => onChange({ ...view, group })}
          aria-label="State"
        />
      </div>
      <TextInput
        ref={searchRef}
        className={classes.search}
        placeholder="Find by name or id"
        aria-label="Find by name or id"
        value={typed}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        leftSection={<IconSearch size={16} stroke={1.7} />}
        rightSection={typed && <CloseButton size="sm" onClick={() => change('')} aria-label="Clear the search" />}
      />
      <Button
        variant="default"
        leftSection={<IconAdjustmentsHorizontal size={16} />}
        onClick={folded.toggle}
        aria-expanded={isOpen}
        aria-controls="more-filters"
      >
        {more > 0 ? `Filters (${more})` : 'Filters'}
      </Button>
      <SavedViews view={view} onOpen={onChange} />
      {isOpen && <MoreFilters view={view} onChange={onChange} />}
    </div>
  );
}
