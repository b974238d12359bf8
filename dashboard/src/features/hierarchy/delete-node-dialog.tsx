'use client';

import type { AssignmentKind } from '@dibs/shared';
import { Anchor, Text } from '@mantine/core';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { ApiError } from '../../api/api-error';
import { useDeleteNode } from '../../api/hierarchy';
import { FormDialog } from '../administration/dialog';
import { placePath, wayTo, type Node } from './places';

const WORDS = {
  stack: 'Its settings, the roles granted at it and the assignments of runners to it go with it.',
  namespace: 'Its settings, the roles granted at it and the assignments of runners to it go with it.',
  module:
    'Its settings, runs and outputs go with it. What it deployed stays where it is: destroy that first if it is to go.',
} as const satisfies Record<AssignmentKind, string>;

/** It is open while it is there. A refusal says what is in the way, and leads there. */
export function DeleteNodeDialog({ node, onClose }: { readonly node: Node; readonly onClose: () => void }) {
  const router = useRouter();
  const remove = useDeleteNode(node.kind, node.id);
  const around = wayTo(node).at(-2);
  const leave = (): void => router.replace(around ? placePath(around.kind, around.id) : '/modules');
  return (
    <FormDialog
      title={`Delete ${node.path}`}
      confirm={`Delete the ${node.kind}`}
      isDangerous
      onClose={onClose}
      onSubmit={() => remove.mutate(undefined, { onSuccess: leave })}
      isPending={remove.isPending || remove.isSuccess}
      error={remove.error}
    >
      <Text>{WORDS[node.kind]} Finished jobs and the audit trail stay.</Text>
      {remove.error instanceof ApiError && remove.error.code === 'has_open_jobs' && (
        <Text size="sm">
          <Anchor component={Link} href={openJobsPath(node)}>
            Its jobs that have not ended
          </Anchor>
        </Text>
      )}
    </FormDialog>
  );
}

function openJobsPath({ path }: Node): string {
  return `/jobs?${new URLSearchParams({ state: 'active', module: path }).toString()}`;
}
