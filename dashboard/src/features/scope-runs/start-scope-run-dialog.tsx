'use client';

import type { HierarchyNodeView, OnModuleFailure, ScopeRunOperation } from '@dibs/shared';
import { Radio, Text, TextInput } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useModuleGraph, useStartScopeRun, type RunnableKind } from '../../api/scope-runs';
import { FormDialog } from '../administration/dialog';
import { scopeRunPath } from './scope-run-words';

const WORDS = {
  plan: {
    title: 'Plan everything in',
    confirm: 'Plan everything',
    text: 'Each module is planned with the outputs that are there now. Nothing is changed.',
  },
  apply: {
    title: 'Apply everything in',
    confirm: 'Plan and apply',
    text: 'Each module is planned once those whose outputs it takes are applied. Where its rule asks for an approval it waits for one, and so do those after it.',
  },
  destroy: {
    title: 'Destroy everything in',
    confirm: 'Plan and destroy',
    text: 'Everything that these modules deployed is taken away, those that take outputs first. The modules and their settings stay.',
  },
} as const satisfies Record<ScopeRunOperation, object>;

interface StartScopeRunDialogProps {
  readonly node: HierarchyNodeView;
  readonly kind: RunnableKind;
  readonly operation: ScopeRunOperation;
  readonly onClose: () => void;
}

/** It is open while it is there. */
export function StartScopeRunDialog({ node, kind, operation, onClose }: StartScopeRunDialogProps) {
  const router = useRouter();
  const start = useStartScopeRun(kind, node.id);
  const { data: graph } = useModuleGraph(kind, node.id);
  const [onFailure, setOnFailure] = useState<OnModuleFailure>('stop');
  const [typed, setTyped] = useState('');
  const { title, confirm, text } = WORDS[operation];
  const count = graph?.modules.filter(({ isInside }) => isInside).length;
  return (
    <FormDialog
      title={`${title} ${node.path}`}
      confirm={confirm}
      isDangerous={operation === 'destroy'}
      onClose={onClose}
      onSubmit={() => start.mutate({ operation, onFailure }, { onSuccess: ({ id }) => router.push(scopeRunPath(id)) })}
      isPending={start.isPending || start.isSuccess}
      isDisabled={count === 0 || (operation === 'destroy' && typed.trim() !== node.name)}
      error={start.error}
    >
      <Text size="sm">
        {count !== undefined && (
          <strong>
            {count === 0 ? 'There is no module in here yet. ' : count === 1 ? '1 module. ' : `${count} modules. `}
          </strong>
        )}
        {text}
      </Text>
      <Radio.Group label="When a module fails" value={onFailure} onChange={(value) => setOnFailure(value)}>
        <Radio value="stop" mt={8} label="Stop" description="Nothing more begins; what runs ends." />
        <Radio
          value="continue"
          mt={10}
          label="Go on with the others"
          description="Only the modules that depend on it are skipped."
        />
      </Radio.Group>
      {operation === 'destroy' && (
        <TextInput
          label={`Type the name of the ${kind}`}
          description={<bdi>{node.name}</bdi>}
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      )}
    </FormDialog>
  );
}
