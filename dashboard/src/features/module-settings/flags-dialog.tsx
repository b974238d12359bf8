'use client';

import { ENGINE_PHASES, type EngineFlags, type EnginePhase } from '@dibs/shared';
import { TagsInput } from '@mantine/core';
import { useState } from 'react';
import { SettingDialog } from './setting-dialog';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';

/** More arguments for each call of the engine. */
export function FlagsDialog({ scope, title, onClose }: SettingDialogOf) {
  const [flags, setFlags] = useState<EngineFlags>(singleSetting(scope, 'flags').value ?? {});
  const set = (phase: EnginePhase, list: string[]): void => {
    const { [phase]: _, ...others } = flags;
    setFlags(list.length === 0 ? others : { ...others, [phase]: list });
  };
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={{ flags }}
      inherit={scope.own.flags ? { flags: null } : null}
      onClose={onClose}
    >
      {ENGINE_PHASES.map((phase) => (
        <TagsInput
          key={phase}
          label={phase}
          placeholder={flags[phase]?.length ? undefined : 'none; -parallelism=4, say'}
          // an argument may have commas of its own
          splitChars={[]}
          acceptValueOnBlur
          value={[...(flags[phase] ?? [])]}
          onChange={(list) => set(phase, list)}
        />
      ))}
    </SettingDialog>
  );
}
