'use client';

import type { PauseTargetBody } from '@dibs/shared';
import { Button, Popover, type ButtonProps } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { useState } from 'react';
import { usePause } from '../../api/pauses';
import { NoteForm } from './note-form';
import { notChanged } from './not-changed';

interface PauseButtonProps {
  readonly target: PauseTargetBody;
  /** On the button. */
  readonly label: string;
  /** What is paused, where the label alone does not say so. */
  readonly name?: string;
  readonly description: string;
  readonly confirm: string;
  readonly size?: ButtonProps['size'];
}

/** Asks for the reason, then holds the runner or lane back. */
export function PauseButton({ target, label, name, description, confirm, size = 'compact-sm' }: PauseButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const pause = usePause();
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={300} trapFocus withArrow>
      <Popover.Target>
        <Button
          size={size}
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          onClick={() => setOpen(!isOpen)}
          aria-label={name === undefined ? undefined : `${label} ${name}`}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <NoteForm
          question="Why is it paused?"
          description={description}
          confirm={confirm}
          isPending={pause.isPending}
          onSubmit={(note) => pause.mutate({ target, note }, { onSuccess: () => setOpen(false), onError: notChanged })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
