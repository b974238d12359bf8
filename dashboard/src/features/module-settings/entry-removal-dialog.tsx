'use client';

import { useChangeSettings } from '../../api/hierarchy';
import { FormDialog } from '../administration/dialog';
import type { EntryKind } from './entries';
import type { SettingsScope } from './settings-scope';

export interface Removal {
  readonly kind: EntryKind;
  readonly what: string;
  readonly name: string;
  /** `inherit`: what is set further out counts again; `none`: not that either. */
  readonly how: 'inherit' | 'none';
}

interface EntryRemovalDialogProps {
  readonly scope: SettingsScope;
  readonly removal: Removal;
  readonly onClose: () => void;
}

/** It is open while it is there. */
export function EntryRemovalDialog({ scope, removal, onClose }: EntryRemovalDialogProps) {
  const { kind, what, name, how } = removal;
  const change = useChangeSettings(scope.holder);
  const value = how === 'none' ? ({ type: 'none' } as const) : null;
  return (
    <FormDialog
      title={how === 'none' ? `Take away ${name}` : `Remove ${name}`}
      confirm={how === 'none' ? 'Take it away' : 'Remove it'}
      isDangerous
      onClose={onClose}
      onSubmit={() => change.mutate({ [kind]: { [name]: value } }, { onSuccess: onClose })}
      isPending={change.isPending}
      error={change.error}
    >
      {how === 'none'
        ? `The ${what} is not there any more, here and in what is inside, although it is set further out.`
        : `What is set here goes${scope.level === 'organization' ? '' : '; if the same is set further out, that counts again'}. A secret value cannot be brought back.`}
    </FormDialog>
  );
}
