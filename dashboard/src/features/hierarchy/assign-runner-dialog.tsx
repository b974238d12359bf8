'use client';

import type { HierarchyNodeView, RunnerView } from '@dibs/shared';
import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { useAssignRunner } from '../../api/runners';
import { FormDialog } from '../administration/dialog';

interface AssignRunnerDialogProps {
  readonly node: HierarchyNodeView;
  /** Those that can be assigned. */
  readonly runners: readonly RunnerView[];
  readonly onClose: () => void;
}

/** It is open while it is there. */
export function AssignRunnerDialog({ node, runners, onClose }: AssignRunnerDialogProps) {
  const [runnerId, setRunnerId] = useState('');
  const assign = useAssignRunner(runnerId);
  return (
    <FormDialog
      title={`Assign a runner to ${node.path}`}
      confirm="Assign it"
      onClose={onClose}
      onSubmit={() => assign.mutate({ [`${node.kind}Id`]: node.id }, { onSuccess: onClose })}
      isPending={assign.isPending}
      isDisabled={runnerId === ''}
      error={assign.error}
    >
      <Select
        label="Runner"
        placeholder={runners.length === 0 ? 'none is left' : 'which one'}
        description="It may then take the jobs of everything in here."
        searchable
        disabled={runners.length === 0}
        data={runners.map(({ id, name }) => ({ value: id, label: name }))}
        value={runnerId === '' ? null : runnerId}
        onChange={(id) => setRunnerId(id ?? '')}
        data-autofocus
      />
      <Text size="xs" c="dimmed">
        Runners that take any job need no assignment and are not listed. On the Runners page one is told to take only
        what it is assigned to.
      </Text>
    </FormDialog>
  );
}
