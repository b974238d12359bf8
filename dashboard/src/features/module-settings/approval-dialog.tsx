'use client';

import { APPROVAL_RULES, type ApprovalRule } from '@dibs/shared';
import { NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { SettingDialog } from './setting-dialog';
import { APPROVAL_WORDS } from './setting-values';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';

const HOUR_SECONDS = 3_600;
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;

/** Which plans somebody must approve, and for how long they wait for that. */
export function ApprovalDialog({ scope, title, onClose }: SettingDialogOf) {
  const now = singleSetting(scope, 'approval').value;
  const [when, setWhen] = useState<ApprovalRule>(now?.when ?? 'changes');
  const [hours, setHours] = useState<number | string>((now?.expiresAfterSeconds ?? WEEK_SECONDS) / HOUR_SECONDS);
  const expiresAfterSeconds = Math.round(Number(hours) * HOUR_SECONDS);
  const isValid = hours !== '' && expiresAfterSeconds >= 1;
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={isValid ? { approval: { when, expiresAfterSeconds } } : null}
      inherit={scope.own.approval ? { approval: null } : null}
      onClose={onClose}
    >
      <Select
        label="Somebody must approve"
        description="A plan without changes is never applied, whatever stands here."
        data={APPROVAL_RULES.map((rule) => ({ value: rule, label: APPROVAL_WORDS[rule] }))}
        value={when}
        onChange={(rule) => rule !== null && setWhen(rule)}
        allowDeselect={false}
        data-autofocus
      />
      {when !== 'never' && (
        <NumberInput
          label="A plan that nobody decides on expires after, hours"
          value={hours}
          onChange={setHours}
          allowNegative={false}
          error={isValid ? null : 'More than nothing'}
        />
      )}
    </SettingDialog>
  );
}
