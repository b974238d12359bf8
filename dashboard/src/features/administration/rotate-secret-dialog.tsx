'use client';

import type { ServicePrincipalCreated } from '@dibs/shared';
import { Select } from '@mantine/core';
import { useState } from 'react';
import { useRotateSecret } from '../../api/access';
import { FormDialog } from './dialog';

const OVERLAPS = [
  { value: '0', label: 'at once' },
  { value: '3600', label: 'after an hour' },
  { value: '86400', label: 'after a day' },
  { value: '604800', label: 'after a week' },
];

interface RotateSecretDialogProps {
  readonly principalId: string;
  readonly name: string;
  readonly onClose: () => void;
  /** Instead of `onClose`: the secret is to be shown. */
  readonly onRotated: (created: ServicePrincipalCreated) => void;
}

/** A new secret; with an overlap nobody has to be stopped while it is brought to where it is used. */
export function RotateSecretDialog({ principalId, name, onClose, onRotated }: RotateSecretDialogProps) {
  const rotate = useRotateSecret(principalId);
  const [overlap, setOverlap] = useState('86400');
  const submit = (): void => rotate.mutate(Number(overlap), { onSuccess: onRotated });
  return (
    <FormDialog
      title={`Rotate the secret of ${name}`}
      confirm="Make a new secret"
      onClose={onClose}
      onSubmit={submit}
      isPending={rotate.isPending}
      error={rotate.error}
    >
      <Select
        label="Earlier secrets end"
        description={
          overlap === '0'
            ? 'So do the tokens that were got with them: whoever uses them is cut off now.'
            : 'Until then both work, so that you can exchange them without a break.'
        }
        data={OVERLAPS}
        value={overlap}
        onChange={(value) => value !== null && setOverlap(value)}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
