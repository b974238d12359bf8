'use client';

import type { ModuleRun } from '@dibs/shared';
import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useCancelRun } from '../../api/module-runs';
import { FormDialog } from '../administration/dialog';
import { isOver } from './run-words';

interface CancelRunButtonProps {
  readonly run: ModuleRun;
  readonly mayControl: boolean;
}

/** Asks first while something is applied: half of a change may be there afterwards. */
export function CancelRunButton({ run, mayControl }: CancelRunButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const cancel = useCancelRun(run.id);
  if (!mayControl || isOver(run)) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => setAsking(true)}>
        Cancel the run…
      </Button>
      {isAsking && (
        <FormDialog
          title={`Cancel the run of ${run.path}`}
          confirm="Cancel the run"
          isDangerous
          onClose={() => setAsking(false)}
          onSubmit={() => cancel.mutate(undefined, { onSuccess: () => setAsking(false) })}
          isPending={cancel.isPending}
          error={cancel.error}
        >
          {run.state === 'applying'
            ? 'The engine is asked to stop and gets time to write its state and give the lock back. What it has changed until then stays changed.'
            : 'Nothing has been changed yet, and nothing will be.'}
        </FormDialog>
      )}
    </>
  );
}
