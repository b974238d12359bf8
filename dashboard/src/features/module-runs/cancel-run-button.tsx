'use client';

import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { FormDialog } from '../administration/dialog';

interface CancelRunButtonProps {
  /** Of a module, or of everything in a stack or namespace; it is not over. */
  readonly run: { readonly path: string; readonly cancelRequestedAt: string | null };
  readonly cancel: {
    readonly isPending: boolean;
    readonly error: Error | null;
    mutate(input: undefined, options: { readonly onSuccess: () => void }): void;
  };
  /** What becomes of what it does at this moment. */
  readonly children: string;
}

/** Asks first: half of a change may be there afterwards. */
export function CancelRunButton({ run, cancel, children }: CancelRunButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const isAsked = run.cancelRequestedAt !== null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} />}
        onClick={() => setAsking(true)}
        disabled={isAsked}
      >
        {isAsked ? 'Canceling…' : 'Cancel the run…'}
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
          {children}
        </FormDialog>
      )}
    </>
  );
}
