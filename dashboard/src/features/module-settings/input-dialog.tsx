'use client';

import type { ModuleInput, ModuleInputBody } from '@dibs/shared';
import { PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { EntryDialogOf } from './entry-section';
import { NamespaceInputField } from './namespace-input-field';
import { OutputField } from './output-field';
import { SettingDialog } from './setting-dialog';
import type { SettingsScope } from './settings-scope';

type Kind = 'variables' | 'environment';
type InputType = Exclude<ModuleInput['type'], 'none'>;

const TYPES: readonly { value: InputType; label: string }[] = [
  { value: 'literal', label: 'A value' },
  { value: 'secret', label: 'A secret' },
  { value: 'output', label: 'An output of another module' },
  { value: 'namespace', label: 'What its namespace has under another name' },
];

export function VariableDialog(props: EntryDialogOf<ModuleInput>) {
  return <InputDialog {...props} kind="variables" />;
}

export function EnvironmentDialog(props: EntryDialogOf<ModuleInput>) {
  return <InputDialog {...props} kind="environment" />;
}

/** One variable of the engine or of the environment. The value of a secret goes in, and never comes out again. */
function InputDialog({ scope, entry, kind, onClose }: EntryDialogOf<ModuleInput> & { readonly kind: Kind }) {
  const [name, setName] = useState(entry?.name ?? '');
  const start = entry?.own ?? entry?.value;
  const [type, setType] = useState<InputType>(start && start.type !== 'none' ? start.type : 'literal');
  const [value, setValue] = useState<ModuleInputBody | null>(() => draftOf(start));
  const change = (next: string | null): void => {
    setType(next as InputType);
    setValue(next === 'literal' ? { type: 'literal', value: '' } : null);
  };
  const wanted = name.trim();
  return (
    <SettingDialog
      scope={scope}
      title={entry ? entry.name : kind === 'variables' ? 'Add a variable' : 'Add a variable of the environment'}
      patch={wanted !== '' && value ? { [kind]: { [wanted]: value } } : null}
      inherit={null}
      size={560}
      onClose={onClose}
    >
      {!entry && (
        <TextInput
          label="Name"
          placeholder={kind === 'variables' ? 'region' : 'AWS_REGION'}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <Select
        label="It is"
        data={TYPES.filter(({ value }) => value !== 'namespace' || scope.level === 'module')}
        value={type}
        onChange={change}
        allowDeselect={false}
      />
      <ValueField key={type} scope={scope} kind={kind} type={type} value={value} onChange={setValue} />
    </SettingDialog>
  );
}

interface ValueFieldProps {
  readonly scope: SettingsScope;
  readonly kind: Kind;
  readonly type: InputType;
  /** null: not complete yet. */
  readonly value: ModuleInputBody | null;
  readonly onChange: (value: ModuleInputBody | null) => void;
}

function ValueField({ scope, kind, type, value, onChange }: ValueFieldProps) {
  if (type === 'literal') {
    return (
      <Textarea
        label="Value"
        description={kind === 'variables' ? 'A text; for lists and maps as the engine reads them from one.' : undefined}
        autosize
        minRows={1}
        maxRows={10}
        spellCheck={false}
        value={value?.type === 'literal' ? value.value : ''}
        onChange={(event) => onChange({ type, value: event.currentTarget.value })}
      />
    );
  }
  if (type === 'secret') {
    return (
      <PasswordInput
        label="Value"
        description="Encrypted, masked in logs, and never shown again."
        autoComplete="off"
        value={value?.type === 'secret' ? value.value : ''}
        onChange={({ currentTarget: { value: secret } }) => onChange(secret === '' ? null : { type, value: secret })}
      />
    );
  }
  if (type === 'output') {
    return <OutputField initial={value?.type === 'output' ? value : null} onChange={onChange} />;
  }
  return (
    <NamespaceInputField
      scope={scope}
      kind={kind}
      value={value?.type === 'namespace' ? value.name : ''}
      onChange={onChange}
    />
  );
}

/** What stands in the form to begin with; of a secret nothing is known. */
function draftOf(input: ModuleInput | undefined): ModuleInputBody | null {
  if (input === undefined || input.type === 'none') return { type: 'literal', value: '' };
  return input.type === 'secret' ? null : input;
}
