'use client';

import type { ModuleInputBody } from '@dibs/shared';
import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useNode } from '../../api/hierarchy';
import { useModuleOutputs } from '../../api/module-runs';
import { NO_SCOPE, ScopePicker, type PickedScope } from '../hierarchy/scope-picker';

interface OutputFieldProps {
  readonly initial: { readonly moduleId: string; readonly output: string } | null;
  readonly onChange: (value: ModuleInputBody | null) => void;
}

/** Which output of which module. */
export function OutputField({ initial, onChange }: OutputFieldProps) {
  const { data: known } = useNode('module', initial?.moduleId ?? '');
  const [picked, setPicked] = useState<PickedScope | null>(null);
  const [output, setOutput] = useState(initial?.output ?? '');
  const scope = picked ?? scopeOf(known?.scope) ?? NO_SCOPE;
  const tell = (moduleId: string, name: string): void =>
    onChange(moduleId === '' || name.trim() === '' ? null : { type: 'output', moduleId, output: name.trim() });
  return (
    <>
      <ScopePicker
        value={scope}
        placeholder="which one"
        onChange={(next) => {
          setPicked(next);
          tell(next.moduleId, output);
        }}
      />
      <OutputName
        moduleId={scope.moduleId}
        value={output}
        onChange={(next) => {
          setOutput(next);
          tell(scope.moduleId, next);
        }}
      />
    </>
  );
}

interface OutputNameProps {
  readonly moduleId: string;
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** Offers what the module has put out so far; one that it will put out can be named too. */
function OutputName({ moduleId, value, onChange }: OutputNameProps) {
  const { data } = useModuleOutputs(moduleId, false);
  return (
    <Autocomplete
      label="Output"
      placeholder="vpc_id"
      description="Where it is no text it arrives as JSON."
      data={Object.keys(data?.outputs ?? {})}
      value={value}
      onChange={onChange}
    />
  );
}

function scopeOf(scope: { stackId: string; namespaceId: string | null; moduleId: string | null } | undefined) {
  return scope && { stackId: scope.stackId, namespaceId: scope.namespaceId ?? '', moduleId: scope.moduleId ?? '' };
}
