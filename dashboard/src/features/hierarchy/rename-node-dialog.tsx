'use client';

import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRenameNode } from '../../api/hierarchy';
import { FormDialog } from '../administration/dialog';
import { problemOfName, type Node } from './places';

/** It is open while it is there. */
export function RenameNodeDialog({ node, onClose }: { readonly node: Node; readonly onClose: () => void }) {
  const rename = useRenameNode(node.kind, node.id);
  const [name, setName] = useState(node.name);
  const wanted = name.trim();
  return (
    <FormDialog
      title={`Rename ${node.path}`}
      confirm="Rename"
      onClose={onClose}
      onSubmit={() => rename.mutate(wanted, { onSuccess: onClose })}
      isPending={rename.isPending}
      isDisabled={wanted === '' || wanted === node.name || problemOfName(wanted) !== null}
      error={rename.error}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={problemOfName(wanted)}
        spellCheck={false}
        data-autofocus
      />
      <Text size="xs" c="dimmed">
        Links, jobs and settings refer to its id and stay as they are. Scripts that name it by its path need the new
        one.
      </Text>
    </FormDialog>
  );
}
