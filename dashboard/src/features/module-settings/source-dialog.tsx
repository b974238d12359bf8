'use client';

import type { SourceBody, SourceSpec } from '@dibs/shared';
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { ArchiveSourceFields } from './archive-source-fields';
import { GitSourceFields } from './git-source-fields';
import { SettingDialog } from './setting-dialog';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';

/** Where the configuration comes from. */
export function SourceDialog({ scope, title, onClose }: SettingDialogOf) {
  const now = singleSetting(scope, 'source').value ?? null;
  const [type, setType] = useState<SourceSpec['type']>(now?.type ?? 'git');
  const [source, setSource] = useState<SourceBody | null>(now);
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={source && { source }}
      inherit={scope.own.source ? { source: null } : null}
      onClose={onClose}
    >
      <SegmentedControl
        fullWidth
        aria-label="Kind of source"
        data={[
          { value: 'git', label: 'Git repository' },
          { value: 'archive', label: 'Uploaded archive' },
        ]}
        value={type}
        onChange={(next) => {
          setType(next);
          setSource(now?.type === next ? now : null);
        }}
      />
      {type === 'git' ? (
        <GitSourceFields initial={now?.type === 'git' ? now : null} onChange={setSource} />
      ) : (
        <ArchiveSourceFields initial={now?.type === 'archive' ? now : null} onChange={setSource} />
      )}
    </SettingDialog>
  );
}
