'use client';

import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import classes from './pauses.module.css';

interface NoteFormProps {
  readonly question: string;
  readonly description: string;
  /** Words of the button that does it. */
  readonly confirm: string;
  readonly isPending: boolean;
  readonly onSubmit: (note: string) => void;
}

/** Holding something back always takes a reason: whoever waits for it reads that. */
export function NoteForm({ question, description, confirm, isPending, onSubmit }: NoteFormProps) {
  const [note, setNote] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(note.trim());
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label={question}
        description={description}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={500}
        required
        data-autofocus
      />
      <Button type="submit" size="sm" loading={isPending} disabled={note.trim() === ''}>
        {confirm}
      </Button>
    </form>
  );
}
