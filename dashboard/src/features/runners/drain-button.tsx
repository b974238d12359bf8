'use client';

import type { RunnerId } from '@dibs/shared';
import { Button, NumberInput, Popover, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDroplet } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { messageOf } from '../../api/api-error';
import { useDrainInstance } from '../../api/runners';
import classes from './runners.module.css';

/** A week, as the server takes it. */
const MAX_DEADLINE_MINUTES = 7 * 24 * 60;

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
        <Popover.Dropdown>
          <DrainForm name={name} isPending={drain.isPending} onSubmit={(deadline) => request(true, deadline)} />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

interface DrainFormProps {
  readonly name: string;
  readonly isPending: boolean;
  /** null: it waits for its jobs, however long they take. */
  readonly onSubmit: (deadlineSeconds: number | null) => void;
}

function DrainForm({ name, isPending, onSubmit }: DrainFormProps) {
  const [minutes, setMinutes] = useState<number | string>('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(minutes === '' ? null : Math.round(Number(minutes) * 60));
  };
  return (
    <form className={classes.drainForm} onSubmit={submit}>
      <NumberInput
        label="Give up what still runs after"
        description="Empty: it waits for its jobs, however long they take."
        placeholder="wait for them"
        suffix=" min"
        value={minutes}
        onChange={setMinutes}
        min={0}
        max={MAX_DEADLINE_MINUTES}
        clampBehavior="strict"
        data-autofocus
      />
      <Button type="submit" size="sm" loading={isPending}>
        Drain {name}
      </Button>
    </form>
  );
}
