'use client';

import type { AssignmentKind } from '@dibs/shared';
import { TextInput } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useCreateNode } from '../../api/hierarchy';
import { FormDialog } from '../administration/dialog';
import { placePath, problemOfName } from './places';

interface CreateNodeDialogProps {
  readonly kind: AssignmentKind;
  /** Of stacks: null. */
  readonly parentId: string | null;
  readonly onClose: () => void;
}

const EXAMPLES = { stack: 'prod', namespace: 'network', module: 'vpc' } as const;

/** It is open while it is there; what was made is shown next. */
export function CreateNodeDialog({ kind, parentId, onClose }: CreateNodeDialogProps) {
  const router = useRouter();
  const create = useCreateNode(kind, parentId);
  const [name, setName] = useState('');
  const wanted = name.trim();
  return (
    <FormDialog
      title={`New ${kind}`}
      confirm={`Make the ${kind}`}
      onClose={onClose}
      onSubmit={() => create.mutate({ name: wanted }, { onSuccess: ({ id }) => router.push(placePath(kind, id)) })}
      isPending={create.isPending || create.isSuccess}
      isDisabled={wanted === '' || problemOfName(wanted) !== null}
      error={create.error}
    >
      <TextInput
        label="Name"
        placeholder={EXAMPLES[kind]}
        description="Part of its path. It can be renamed later."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={problemOfName(wanted)}
        spellCheck={false}
        data-autofocus
      />
    </FormDialog>
  );
}
