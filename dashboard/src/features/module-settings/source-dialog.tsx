'use client';

import { NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { SettingDialog } from './setting-dialog';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';
import classes from './module-settings.module.css';

type Which = 'revision' | 'versions';

/** Where the configuration comes from. */
export function SourceDialog({ scope, title, onClose }: SettingDialogOf) {
  const set = singleSetting(scope, 'source').value;
  const now = set?.type === 'git' ? set : null;
  const [url, setUrl] = useState(now?.url ?? '');
  const [which, setWhich] = useState<Which>(now?.versions ? 'versions' : 'revision');
  const [at, setAt] = useState(now?.versions ?? now?.revision ?? '');
  const [path, setPath] = useState(now?.path ?? '');
  const [depth, setDepth] = useState<number | string>(now?.depth ?? '');
  const wanted = at.trim() || null;
  const source = {
    type: 'git' as const,
    url: url.trim(),
    revision: which === 'revision' ? wanted : null,
    ...(which === 'versions' && { versions: wanted }),
    path: path.trim() || null,
    depth: depth === '' ? null : Number(depth),
  };
  const isComplete = source.url !== '' && (which === 'revision' || wanted !== null);
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={isComplete ? { source } : null}
      inherit={scope.own.source ? { source: null } : null}
      onClose={onClose}
    >
      <TextInput
        label="Git repository"
        description="Runners fetch it, with credentials that they alone have."
        placeholder="https://example.com/team/network.git"
        spellCheck={false}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        data-autofocus
      />
      <SegmentedControl
        fullWidth
        aria-label="Which commit"
        data={[
          { value: 'revision', label: 'Branch, tag or commit' },
          { value: 'versions', label: 'Newest tag in a range' },
        ]}
        value={which}
        onChange={(value) => setWhich(value)}
      />
      <TextInput
        aria-label={which === 'revision' ? 'Branch, tag or commit' : 'Range of versions'}
        placeholder={which === 'revision' ? 'the default branch' : '>=1.5 <2'}
        spellCheck={false}
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
      />
      <div className={classes.fields}>
        <TextInput
          label="Folder"
          placeholder="the root"
          spellCheck={false}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <NumberInput
          label="Commits of history"
          placeholder="the runner's setting"
          value={depth}
          onChange={setDepth}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          hideControls
        />
      </div>
    </SettingDialog>
  );
}
