'use client';

import type { RunnerView } from '@dibs/shared';
import { Button, Popover, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { messageOf } from '../../api/api-error';
import { usePause, usePauses, useResume } from '../../api/pauses';
import { usePermission } from '../../api/session';
import { StatusPill } from '../../ui/status-pill';
import classes from './pauses.module.css';

/** Whether the runner is held back and why, and the button that does it or takes it back. */
export function RunnerPause({ runner }: { readonly runner: Pick<RunnerView, 'id' | 'name'> }) {
  const { data } = usePauses();
  const mayPause = usePermission('jobs:control');
  const resume = useResume();
  const pause = data?.items.find(({ target }) => target.type === 'runner' && target.id === runner.id);
  if (!pause) return mayPause ? <PauseForm runner={runner} /> : null;
  return (
    <>
      <StatusPill tone="warn">Paused</StatusPill>
      <span className={classes.note}>
        <bdi>{pause.note}</bdi> · <bdi>{pause.who}</bdi>
      </span>
      {mayPause && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(pause.id, { onError: notChanged })}
          aria-label={`Resume ${runner.name}`}
        >
          Resume
        </Button>
      )}
    </>
  );
}

function PauseForm({ runner: { id, name } }: { readonly runner: Pick<RunnerView, 'id' | 'name'> }) {
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState('');
  const pause = usePause();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    pause.mutate({ target: { type: 'runner', id }, note: note.trim() }, { onError: notChanged });
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={300} trapFocus withArrow>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          onClick={() => setOpen(!isOpen)}
          aria-label={`Pause ${name}`}
        >
          Pause
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form className={classes.form} onSubmit={submit}>
          <TextInput
            label="Why is it paused?"
            description="Whoever waits for it reads this. Running jobs go on."
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={500}
            required
            data-autofocus
          />
          <Button type="submit" size="sm" loading={pause.isPending} disabled={note.trim() === ''}>
            Pause {name}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function notChanged(error: unknown): void {
  notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) });
}
