'use client';

import type { ModuleSettingsPatch } from '@dibs/shared';
import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useChangeSettings } from '../../api/hierarchy';
import { FormDialog } from '../administration/dialog';
import type { SettingsScope } from './settings-scope';

interface SettingDialogProps {
  readonly scope: SettingsScope;
  readonly title: string;
  /** What is sent; null: what stands in the form is not right yet. */
  readonly patch: ModuleSettingsPatch | null;
  /** What is sent to have it inherited again; null: it is not set here. */
  readonly inherit: ModuleSettingsPatch | null;
  /** Words for that. */
  readonly inheritLabel?: string;
  readonly children: ReactNode;
  readonly size?: number;
  readonly onClose: () => void;
}

/** One setting of one level: set here, or inherited again. It is open while it is there. */
export function SettingDialog(props: SettingDialogProps) {
  const { scope, title, patch, inherit, children, size, onClose } = props;
  const change = useChangeSettings(scope.holder);
  const send = (wanted: ModuleSettingsPatch): void => change.mutate(wanted, { onSuccess: onClose });
  return (
    <FormDialog
      title={title}
      confirm={scope.level === 'organization' ? 'Save' : 'Set it here'}
      {...(size !== undefined && { size })}
      onClose={onClose}
      onSubmit={() => patch !== null && send(patch)}
      isPending={change.isPending}
      isDisabled={patch === null}
      error={change.error}
      aside={
        inherit !== null && (
          <Button variant="subtle" color="gray" onClick={() => send(inherit)} disabled={change.isPending}>
            {props.inheritLabel ?? (scope.level === 'organization' ? 'Back to the default' : 'Inherit it again')}
          </Button>
        )
      }
    >
      {children}
      <Text size="xs" c="dimmed">
        {scope.level === 'module'
          ? 'It counts from the next run on.'
          : 'It counts from the next run on, for every module inside that does not set it itself.'}
      </Text>
    </FormDialog>
  );
}
