'use client';

import type { ScopeRun } from '@dibs/shared';
import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useCancelScopeRun } from '../../api/scope-runs';
import { FormDialog } from '../administration/dialog';

interface CancelScopeRunButtonProps {
  readonly run: ScopeRun;
  readonly mayControl: boolean;
}

export function CancelScopeRunButton({ run, mayControl }: CancelScopeRunButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const cancel = useCancelScopeRun(run.id);
  if (!mayControl || run.state !== 'running') return null;
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
          No other module begins. Engines that are at work are asked to stop and get time to write their state. What was
          applied until then stays applied.
        </FormDialog>
      )}
    </>
  );
}
