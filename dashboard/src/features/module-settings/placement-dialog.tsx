'use client';

import { Autocomplete, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { useInstances, useRunners } from '../../api/runners';
import { SettingDialog } from './setting-dialog';
import { singleSetting } from './settings-scope';
import type { SettingDialogOf } from './simple-dialogs';

/** A runner, and one of its instances, that must take the jobs. */
export function PlacementDialog({ scope, title, onClose }: SettingDialogOf) {
  const now = singleSetting(scope, 'placement').value;
  const { data: runners } = useRunners(false);
  const [runner, setRunner] = useState(now?.runner ?? null);
  const [instance, setInstance] = useState(now?.instance ?? '');
  const names = [...new Set([...(runners?.map(({ name }) => name) ?? []), ...(runner === null ? [] : [runner])])];
  const record = runners?.find(({ name }) => name === runner);
  const isUnknown = runners !== undefined && runner !== null && record === undefined;
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={{ placement: { runner, instance: instance.trim() || null } }}
      inherit={scope.own.placement ? { placement: null } : null}
      onClose={onClose}
    >
      <Select
        label="Runner"
        placeholder="any that may take its jobs"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Any runner' }}
        data={names}
        value={runner}
        onChange={setRunner}
        error={isUnknown ? 'There is no runner of this name: jobs would wait for it' : null}
        data-autofocus
      />
      {record ? (
        <InstanceField runnerId={record.id} value={instance} onChange={setInstance} />
      ) : (
        <InstanceInput names={[]} value={instance} onChange={setInstance} />
      )}
      <Text size="xs" c="dimmed">
        Both empty: any runner may take its jobs, whatever is set further out.
      </Text>
    </SettingDialog>
  );
}

interface InstanceInputProps {
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function InstanceField({ runnerId, ...field }: InstanceInputProps & { readonly runnerId: string }) {
  const { data } = useInstances(runnerId, false);
  return <InstanceInput names={data?.map(({ name }) => name) ?? []} {...field} />;
}

function InstanceInput({ names, value, onChange }: InstanceInputProps & { readonly names: readonly string[] }) {
  return (
    <Autocomplete
      label="Instance"
      description="Where plan and apply must run on the same machine, as with state kept there."
      placeholder="any of it"
      data={[...new Set(names)]}
      value={value}
      onChange={onChange}
    />
  );
}
