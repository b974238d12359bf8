'use client';

import type { RunnerId } from '@dibs/shared';
import { Button, Popover, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDroplet } from '@tabler/icons-react';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useDrainInstance } from '../../api/runners';
import { DrainForm } from './drain-form';
import classes from './runners.module.css';

interface DrainButtonProps {
  readonly runnerId: RunnerId;
  readonly name: string;
  /** An operator asked for it, and may take it back. */
  readonly isDrained: boolean;
}

export function DrainButton({ runnerId, name, isDrained }: DrainButtonProps) {
  const drain = useDrainInstance(runnerId);
  const [isOpen, setOpen] = useState(false);
  const request = (wanted: boolean, deadlineSeconds: number | null): void =>
    drain.mutate(
      { instance: name, wanted, deadlineSeconds },
      {
        onSuccess: () => setOpen(false),
        onError: (error) => notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) }),
      },
    );
  const words = isDrained ? 'Undrain' : 'Drain';
  return (
    <div className={classes.drain}>
      <Popover opened={isOpen && !isDrained} onChange={setOpen} position="bottom-end" width={290} trapFocus withArrow>
        <Popover.Target>
          <Tooltip label={isDrained ? 'It takes jobs again' : 'It finishes its jobs and takes no more'}>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconDroplet size={14} />}
              loading={drain.isPending}
              onClick={() => (isDrained ? request(false, null) : setOpen(!isOpen))}
              aria-label={`${words} ${name}`}
            >
              {words}
            </Button>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown aria-label={`Drain of ${name}`}>
          <DrainForm name={name} isPending={drain.isPending} onSubmit={(deadline) => request(true, deadline)} />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}
