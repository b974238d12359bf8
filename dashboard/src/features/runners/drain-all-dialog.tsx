'use client';

import type { RunnerView } from '@dibs/shared';
import { Modal, Stack, Text } from '@mantine/core';
import { messageOf } from '../../api/api-error';
import { useDrainRunner } from '../../api/runners';
import { Callout } from '../../ui/callout';
import { DrainForm } from './drain-form';

/** It is open while it is there. */
export function DrainAllDialog({ runner, onClose }: { readonly runner: RunnerView; readonly onClose: () => void }) {
  const drain = useDrainRunner(runner.id);
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Drain all instances of ${runner.name}`}
      radius="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {drain.error && (
          <Callout tone="bad" role="alert">
            {messageOf(drain.error)}
          </Callout>
        )}
        <Text>Each finishes its jobs and takes no more. Those that connect later are not meant.</Text>
        <DrainForm
          name="all instances"
          isPending={drain.isPending}
          onSubmit={(deadlineSeconds) => drain.mutate({ wanted: true, deadlineSeconds }, { onSuccess: onClose })}
        />
      </Stack>
    </Modal>
  );
}
