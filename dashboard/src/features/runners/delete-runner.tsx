'use client';

import type { RunnerView } from '@dibs/shared';
import { useDeleteRunner } from '../../api/runners';
import { FormDialog } from '../administration/dialog';

/** It is open while it is there. */
export function DeleteRunner({ runner, onClose }: { readonly runner: RunnerView; readonly onClose: () => void }) {
  const remove = useDeleteRunner(runner.id);
  return (
    <FormDialog
      title={`Delete ${runner.name}`}
      confirm="Delete the runner"
      isDangerous
      onClose={onClose}
      onSubmit={() => remove.mutate(undefined, { onSuccess: onClose })}
      isPending={remove.isPending}
      error={remove.error}
    >
      Its instances are disconnected and cannot come back: the service principal that was made for it goes with it.
      Finished jobs and the audit trail keep its name. While it holds jobs it cannot be deleted.
    </FormDialog>
  );
}
