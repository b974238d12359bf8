'use client';

import type { RunnerView } from '@dibs/shared';
import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useUpdateRunner } from '../../api/runners';
import { FormDialog } from '../administration/dialog';

/** It is open while it is there. */
export function RenameRunner({ runner, onClose }: { readonly runner: RunnerView; readonly onClose: () => void }) {
  const update = useUpdateRunner(runner.id);
  const [name, setName] = useState(runner.name);
  const wanted = name.trim();
  return (
    <FormDialog
      title={`Rename ${runner.name}`}
      confirm="Rename"
      onClose={onClose}
      onSubmit={() => update.mutate({ name: wanted }, { onSuccess: onClose })}
      isPending={update.isPending}
      isDisabled={wanted === '' || wanted === runner.name}
      error={update.error}
    >
      <TextInput
        label="Name"
        description="It counts at once: its instances stay connected, and jobs find it by this name."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Text size="xs" c="dimmed">
        Jobs that wait for the old name wait for a runner of that name; finished ones go on showing it. Runners that
        register themselves with an API token must be given the new name as RUNNER_NAME, or they register the old one
        again.
      </Text>
    </FormDialog>
  );
}
