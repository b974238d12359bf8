'use client';

import { Button, NumberInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import classes from './runners.module.css';

/** A week, as the server takes it. */
const MAX_DEADLINE_MINUTES = 7 * 24 * 60;

interface DrainFormProps {
  readonly name: string;
  readonly isPending: boolean;
  /** null: it waits for its jobs, however long they take. */
  readonly onSubmit: (deadlineSeconds: number | null) => void;
}

/** How long to wait for what still runs, then the drain. */
export function DrainForm({ name, isPending, onSubmit }: DrainFormProps) {
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
