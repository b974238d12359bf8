'use client';

import type { JobSummary } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import { Button, Group, Text } from '@mantine/core';
import { IconPlayerStop, IconRefresh, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { BulkDialog } from './bulk-dialog';
import { isCanceling } from './is-canceling';
import classes from './job-table.module.css';

interface SelectionBarProps {
  readonly selected: readonly JobSummary[];
  /** null: there is nothing more to select. */
  readonly onSelectAll: (() => void) | null;
  readonly isSelectingAll: boolean;
  readonly onClear: () => void;
}

/** What can be done to the selected jobs; it stays in sight however long the list is. */
export function SelectionBar({ selected, onSelectAll, isSelectingAll, onClear }: SelectionBarProps) {
  const [asked, setAsked] = useState<'cancel' | 'retry' | null>(null);
  const open = selected.filter((job) => !isTerminal(job.state));
  const ended = selected.filter((job) => isTerminal(job.state));
  const canceling = open.filter(isCanceling).length;
  return (
    <div className={classes.selection} role="region" aria-label="Selected jobs">
      <Text fw={600} size="sm" aria-live="polite" data-testid="selected-count">
        {selected.length} selected
      </Text>
      {onSelectAll && (
        <Button variant="subtle" size="compact-sm" onClick={onSelectAll} loading={isSelectingAll}>
          Select all that match
        </Button>
      )}
      <Group gap="xs" ml="auto">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerStop size={15} />}
          disabled={open.length === 0}
          onClick={() => setAsked('cancel')}
        >
          {open.length === 0 ? 'Cancel…' : `Cancel ${open.length}…`}
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={15} />}
          disabled={ended.length === 0}
          onClick={() => setAsked('retry')}
        >
          {ended.length === 0 ? 'Retry…' : `Retry ${ended.length}…`}
        </Button>
        <Button variant="subtle" color="gray" size="xs" leftSection={<IconX size={15} />} onClick={onClear}>
          Clear
        </Button>
      </Group>
      {asked && (
        <BulkDialog
          what={asked}
          jobs={asked === 'cancel' ? open : ended}
          leftOut={asked === 'cancel' ? ended.length : open.length}
          canceling={canceling}
          onClose={(isDone) => {
            setAsked(null);
            if (isDone) onClear();
          }}
        />
      )}
    </div>
  );
}
