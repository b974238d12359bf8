'use client';

import { Modal } from '@mantine/core';
import { usePause, useStartMaintenance } from '../../api/pauses';
import { NoteForm } from './note-form';
import { notChanged } from './not-changed';

export type Held = 'organization' | 'installation';

interface HoldBackDialogProps {
  readonly what: Held;
  readonly isOpen: boolean;
  readonly organizationId: string;
  readonly onClose: () => void;
}

const WORDS = {
  organization: {
    title: 'Pause the organization',
    question: 'Why is it paused?',
    description: 'Everybody in the organization reads this. Running jobs go on, new ones wait until it is resumed.',
    confirm: 'Pause all its jobs',
  },
  installation: {
    title: 'Start maintenance',
    question: 'What is done to the installation?',
    description: 'Everybody of every organization reads this. Running jobs go on, new ones wait until it ends.',
    confirm: 'Start maintenance',
  },
} as const satisfies Record<Held, object>;

/** Asks for the reason, then holds back the organization or the whole installation. The banner takes it back. */
export function HoldBackDialog({ what, isOpen, organizationId, onClose }: HoldBackDialogProps) {
  const pause = usePause();
  const maintenance = useStartMaintenance();
  const { title, ...words } = WORDS[what];
  const answer = { onSuccess: onClose, onError: notChanged };
  const hold = (note: string): void => {
    if (what === 'installation') maintenance.mutate({ note }, answer);
    else pause.mutate({ target: { type: 'organization', id: organizationId }, note }, answer);
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} radius="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <NoteForm {...words} isPending={pause.isPending || maintenance.isPending} onSubmit={hold} />
    </Modal>
  );
}
