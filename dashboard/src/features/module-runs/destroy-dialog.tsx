'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { Text, TextInput } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useEffectiveSettings } from '../../api/hierarchy';
import { useStartRun } from '../../api/module-runs';
import { Callout } from '../../ui/callout';
import { FormDialog } from '../administration/dialog';
import { runPath } from './run-words';

interface DestroyDialogProps {
  readonly module: HierarchyNodeView;
  readonly onClose: () => void;
}

/** Asks for the name, so that it is not another module than one thinks. It is open while it is there. */
export function DestroyDialog({ module, onClose }: DestroyDialogProps) {
  const router = useRouter();
  const start = useStartRun(module.id);
  const { data } = useEffectiveSettings('module', module.id);
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title={`Destroy ${module.path}`}
      confirm="Plan and destroy"
      isDangerous
      onClose={onClose}
      onSubmit={() => start.mutate({ operation: 'destroy' }, { onSuccess: ({ id }) => router.push(runPath(id)) })}
      isPending={start.isPending || start.isSuccess}
      isDisabled={typed.trim() !== module.name}
      error={start.error}
    >
      <Text size="sm">
        Everything that this module deployed is taken away, as a plan shows before. The module and its settings stay.
      </Text>
      {data?.approval.value.when === 'never' && (
        <Callout tone="warn">Nobody is asked in between: this module is applied without approval.</Callout>
      )}
      <TextInput
        label="Type the name of the module"
        description={<bdi>{module.name}</bdi>}
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
