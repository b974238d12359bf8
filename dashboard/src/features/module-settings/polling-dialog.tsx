'use client';

import { NumberInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { SettingDialog } from './setting-dialog';
import { seconds } from './setting-values';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';

const [LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS] = [60, 86_400, 300];

/** How often a runner looks for new commits. */
export function PollingDialog({ scope, title, onClose }: SettingDialogOf) {
  const now = singleSetting(scope, 'sourcePolling').value;
  const [looks, setLooks] = useState(now?.everySeconds !== null);
  const [draft, setDraft] = useState<number | string>(now?.everySeconds ?? USUAL_SECONDS);
  const value = Number(draft);
  const isValid = Number.isInteger(value) && value >= LEAST_SECONDS && value <= MOST_SECONDS;
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={
        !looks ? { sourcePolling: { everySeconds: null } } : isValid ? { sourcePolling: { everySeconds: value } } : null
      }
      inherit={scope.own.sourcePolling === undefined ? null : { sourcePolling: null }}
      onClose={onClose}
    >
      <SegmentedControl
        fullWidth
        aria-label={title}
        data={[
          { value: 'looks', label: 'Every so often' },
          { value: 'told', label: 'Only when told' },
        ]}
        value={looks ? 'looks' : 'told'}
        onChange={(next) => setLooks(next === 'looks')}
      />
      {looks ? (
        <NumberInput
          label="Seconds"
          description={isValid ? `That is every ${seconds(value)}.` : 'From 60 to 86,400.'}
          value={draft}
          onChange={setDraft}
          min={LEAST_SECONDS}
          max={MOST_SECONDS}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
        />
      ) : (
        <p style={{ margin: 0 }}>
          Whoever pushes says so with <code>POST /api/v1/source-notifications</code>, for example a webhook of the
          repository.
        </p>
      )}
    </SettingDialog>
  );
}
