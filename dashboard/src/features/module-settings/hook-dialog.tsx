'use client';

import { HOOK_POINTS, STEP_SHELLS, type HookPoint, type ModuleHook, type StepShell } from '@dibs/shared';
import { Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { EntryDialogOf } from './entry-section';
import { SettingDialog } from './setting-dialog';
import classes from './module-settings.module.css';

/** A script before or after a call of the engine. */
export function HookDialog({ scope, entry, onClose }: EntryDialogOf<ModuleHook>) {
  const script = entry?.value.type === 'script' ? entry.value : null;
  const [at, setAt] = useState<HookPoint>((entry?.name as HookPoint | undefined) ?? 'before:plan');
  const [run, setRun] = useState(script?.run ?? '');
  const [shell, setShell] = useState<StepShell>(script?.shell ?? 'bash');
  return (
    <SettingDialog
      scope={scope}
      title={entry ? `Hook ${entry.name}` : 'Add a hook'}
      patch={run.trim() === '' ? null : { hooks: { [at]: { type: 'script', run, shell } } }}
      inherit={null}
      size={760}
      onClose={onClose}
    >
      <div className={classes.fields}>
        {!entry && (
          <Select
            label="When"
            data={HOOK_POINTS.map((point) => ({ value: point, label: point.replace(':', ' ') }))}
            value={at}
            onChange={(point) => point !== null && setAt(point)}
            allowDeselect={false}
            data-autofocus
          />
        )}
        <Select
          label="Shell"
          data={[...STEP_SHELLS]}
          value={shell}
          onChange={(value) => value !== null && setShell(value)}
          allowDeselect={false}
        />
      </div>
      <Textarea
        label="Script"
        description="A runner may demand that exactly these bytes are approved on its machine. If it fails, the job does."
        autosize
        minRows={6}
        maxRows={22}
        spellCheck={false}
        classNames={{ input: classes.script }}
        value={run}
        onChange={(event) => setRun(event.currentTarget.value)}
      />
    </SettingDialog>
  );
}
