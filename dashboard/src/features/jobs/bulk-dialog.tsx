'use client';

import type { BulkOutcome, CancelMode, JobSummary } from '@dibs/shared';
import { Button, Group, Modal, Progress, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeJobs } from '../../api/jobs';
import { keys } from '../../api/keys';
import { BulkResult } from './bulk-result';

interface BulkDialogProps {
  readonly what: 'cancel' | 'retry';
  /** Those that it can be done to. */
  readonly jobs: readonly JobSummary[];
  /** Selected ones that it cannot be done to. */
  readonly leftOut: number;
  /** Of the jobs, those whose cancel is wanted already. */
  readonly canceling: number;
  readonly onClose: (isDone: boolean) => void;
}

const MODES: { value: CancelMode; label: string }[] = [
  { value: 'graceful', label: 'Gracefully' },
  { value: 'after_step', label: 'After the step' },
  { value: 'kill', label: 'Kill' },
];
const MODE_HINTS: Readonly<Record<CancelMode, string>> = {
  graceful: 'The running step gets a signal and some time to end.',
  after_step: 'The running step may finish, then the job ends.',
  kill: 'Its processes are killed at once, without time to clean up.',
};

/** Asks, does it part by part, and says of every job that was refused why. It is open while it is there. */
export function BulkDialog({ what, jobs, leftOut, canceling, onClose }: BulkDialogProps) {
  const client = useQueryClient();
  // the list goes on changing behind the dialog: what was asked for is what is done
  const [asked] = useState(jobs);
  const [mode, setMode] = useState<CancelMode>('graceful');
  const [done, setDone] = useState<number | null>(null);
  const [outcomes, setOutcomes] = useState<readonly BulkOutcome[] | null>(null);
  const start = async (): Promise<void> => {
    setDone(0);
    const ids = asked.map(({ id }) => id);
    setOutcomes(await changeJobs(what === 'cancel' ? { what, mode } : { what }, ids, setDone));
    await client.invalidateQueries({ queryKey: keys.jobs });
  };
  const close = (): void => onClose(outcomes !== null);
  const isRunning = done !== null && outcomes === null;
  return (
    <Modal
      opened
      onClose={close}
      closeOnEscape={!isRunning}
      closeOnClickOutside={!isRunning}
      withCloseButton={!isRunning}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={title(what, asked.length)}
      radius="lg"
      size={500}
    >
      {outcomes ? (
        <BulkResult what={what} jobs={asked} outcomes={outcomes} onClose={close} />
      ) : (
        <Stack>
          {what === 'cancel' ? (
            <>
              <SegmentedControl
                fullWidth
                data={MODES}
                value={mode}
                onChange={setMode}
                aria-label="How"
                disabled={isRunning}
              />
              <Text size="sm">{MODE_HINTS[mode]} Jobs that nobody has taken yet end at once.</Text>
            </>
          ) : (
            <Text size="sm">Each becomes a new job with the same spec and secrets. The old ones stay as they are.</Text>
          )}
          <Notes what={what} leftOut={leftOut} canceling={canceling} />
          {isRunning && <Progress value={(done / asked.length) * 100} animated aria-label="Done so far" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close} disabled={isRunning}>
              Leave them
            </Button>
            <Button color={what === 'cancel' ? 'red.9' : undefined} onClick={() => void start()} loading={isRunning}>
              {title(what, asked.length)}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Notes({ what, leftOut, canceling }: Pick<BulkDialogProps, 'what' | 'leftOut' | 'canceling'>) {
  const notes = [
    leftOut > 0 &&
      `${leftOut} selected ${leftOut === 1 ? 'job is' : 'jobs are'} left out: ${what === 'cancel' ? 'ended already' : 'not ended yet'}.`,
    what === 'cancel' &&
      canceling > 0 &&
      `${canceling} of them ${canceling === 1 ? 'is' : 'are'} being canceled already.`,
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <Text size="xs" c="dimmed">
      {notes.join(' ')}
    </Text>
  );
}

function title(what: 'cancel' | 'retry', count: number): string {
  return `${what === 'cancel' ? 'Cancel' : 'Retry'} ${count} ${count === 1 ? 'job' : 'jobs'}`;
}
