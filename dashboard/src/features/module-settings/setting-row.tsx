'use client';

import type { SettingOrigin } from '@dibs/shared';
import { ActionIcon } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Origin } from './origin';
import type { SettingsScope } from './settings-scope';
import classes from './module-settings.module.css';

interface SettingRowProps {
  readonly scope: SettingsScope;
  readonly label: string;
  readonly hint: string;
  readonly origin: SettingOrigin;
  /** What counts. */
  readonly children: ReactNode;
  readonly onEdit: () => void;
}

export function SettingRow({ scope, label, hint, origin, children, onEdit }: SettingRowProps) {
  return (
    <li className={classes.row} data-setting={label}>
      <div>
        <div className={classes.label}>{label}</div>
        <div className={classes.hint}>{hint}</div>
      </div>
      <div className={classes.value} data-inherited={origin === scope.level ? undefined : true}>
        {children}
      </div>
      <div>
        <Origin scope={scope} origin={origin} tab="settings" />
      </div>
      <div>
        {scope.mayManage && (
          <ActionIcon variant="subtle" color="gray" onClick={onEdit} aria-label={`Change: ${label}`}>
            <IconPencil size={16} />
          </ActionIcon>
        )}
      </div>
    </li>
  );
}
