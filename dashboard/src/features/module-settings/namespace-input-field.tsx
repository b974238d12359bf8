'use client';

import type { ModuleInputBody } from '@dibs/shared';
import { Autocomplete } from '@mantine/core';
import { useEffectiveSettings } from '../../api/hierarchy';
import type { SettingsScope } from './settings-scope';

interface NamespaceInputFieldProps {
  readonly scope: SettingsScope;
  readonly kind: 'variables' | 'environment';
  readonly value: string;
  readonly onChange: (value: ModuleInputBody | null) => void;
}

/** A name that the namespace of the module has. */
export function NamespaceInputField({ scope, kind, value, onChange }: NamespaceInputFieldProps) {
  const namespaceId = scope.places.find((place) => place.kind === 'namespace')?.id ?? '';
  const { data } = useEffectiveSettings('namespace', namespaceId);
  return (
    <Autocomplete
      label="Name in the namespace"
      placeholder="what it is called there"
      data={Object.keys(data?.[kind] ?? {})}
      value={value}
      onChange={(name) => onChange(name.trim() === '' ? null : { type: 'namespace', name: name.trim() })}
    />
  );
}
