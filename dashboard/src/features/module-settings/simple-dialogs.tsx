'use client';

import { ENGINES, type EngineName } from '@dibs/shared';
import { NumberInput, Select, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PairsField } from './pairs-field';
import { SettingDialog } from './setting-dialog';
import { seconds } from './setting-values';
import { singleSetting, type SettingsScope } from './settings-scope';

export interface SettingDialogOf {
  readonly scope: SettingsScope;
  readonly title: string;
  readonly onClose: () => void;
}

export function EngineDialog({ scope, title, onClose }: SettingDialogOf) {
  const now = singleSetting(scope, 'engine').value;
  const [name, setName] = useState<EngineName | null>(now?.name ?? null);
  const [version, setVersion] = useState(now?.version ?? '');
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={name && { engine: { name, version: version.trim() || null } }}
      inherit={scope.own.engine ? { engine: null } : null}
      onClose={onClose}
    >
      <Select
        label="Engine"
        placeholder="which one"
        data={[...ENGINES]}
        value={name}
        onChange={(value) => setName(value)}
        allowDeselect={false}
        data-autofocus
      />
      <TextInput
        label="Version"
        description="A range as npm writes them; empty: any. Only runners that have such a one get its jobs."
        placeholder=">=1.5 <2"
        spellCheck={false}
        value={version}
        onChange={(event) => setVersion(event.currentTarget.value)}
      />
    </SettingDialog>
  );
}

export function WorkspaceDialog({ scope, title, onClose }: SettingDialogOf) {
  const [workspace, setWorkspace] = useState(singleSetting(scope, 'workspace').value ?? '');
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={workspace.trim() === '' ? null : { workspace: workspace.trim() }}
      inherit={scope.own.workspace === undefined ? null : { workspace: null }}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Workspace of terraform and tofu, stack of pulumi. It is made when it is not there."
        spellCheck={false}
        value={workspace}
        onChange={(event) => setWorkspace(event.currentTarget.value)}
        data-autofocus
      />
    </SettingDialog>
  );
}

export function BackendDialog({ scope, title, onClose }: SettingDialogOf) {
  const [backend, setBackend] = useState(singleSetting(scope, 'backend').value ?? {});
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={{ backend: { ...backend } }}
      inherit={scope.own.backend ? { backend: null } : null}
      onClose={onClose}
    >
      <PairsField label="Backend settings" what="backend setting" initial={backend} onChange={setBackend} />
    </SettingDialog>
  );
}

export function LabelsDialog({ scope, title, onClose }: SettingDialogOf) {
  const [labels, setLabels] = useState(singleSetting(scope, 'labels').value ?? {});
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={{ labels: { ...labels } }}
      inherit={scope.own.labels ? { labels: null } : null}
      onClose={onClose}
    >
      <PairsField label="Labels" what="label" initial={labels} onChange={setLabels} />
    </SettingDialog>
  );
}

export function OutputTriggerDialog(props: SettingDialogOf) {
  return <TriggerDialog {...props} name="triggerOnUpstreamOutputChanged" />;
}

export function DefinitionTriggerDialog(props: SettingDialogOf) {
  return <TriggerDialog {...props} name="triggerOnDefinitionChanged" />;
}

export function SourceTriggerDialog(props: SettingDialogOf) {
  return <TriggerDialog {...props} name="triggerOnSourceChanged" />;
}

interface TriggerDialogProps extends SettingDialogOf {
  readonly name: 'triggerOnUpstreamOutputChanged' | 'triggerOnDefinitionChanged' | 'triggerOnSourceChanged';
}

function TriggerDialog({ scope, title, name: key, onClose }: TriggerDialogProps) {
  const [isOn, setOn] = useState(singleSetting(scope, key).value ?? false);
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={{ [key]: isOn }}
      inherit={scope.own[key] === undefined ? null : { [key]: null }}
      onClose={onClose}
    >
      <SegmentedControl
        fullWidth
        aria-label={title}
        data={[
          { value: 'yes', label: 'Yes' },
          { value: 'no', label: 'No' },
        ]}
        value={isOn ? 'yes' : 'no'}
        onChange={(value) => setOn(value === 'yes')}
      />
    </SettingDialog>
  );
}

export function TimeoutDialog(props: SettingDialogOf) {
  return <SecondsDialog {...props} name="timeoutSeconds" />;
}

export function QueueTimeoutDialog(props: SettingDialogOf) {
  return <SecondsDialog {...props} name="queueTimeoutSeconds" />;
}

interface SecondsDialogProps extends SettingDialogOf {
  readonly name: 'timeoutSeconds' | 'queueTimeoutSeconds';
}

function SecondsDialog({ scope, title, name, onClose }: SecondsDialogProps) {
  const [draft, setDraft] = useState<number | string>(singleSetting(scope, name).value ?? '');
  const value = Number(draft);
  const isValid = draft !== '' && Number.isInteger(value) && value >= 1;
  return (
    <SettingDialog
      scope={scope}
      title={title}
      patch={isValid ? { [name]: value } : null}
      inherit={scope.own[name] === undefined ? null : { [name]: null }}
      onClose={onClose}
    >
      <NumberInput
        label="Seconds"
        description={isValid ? `That is ${seconds(value)}.` : 'A whole number from 1 on.'}
        value={draft}
        onChange={setDraft}
        min={1}
        allowDecimal={false}
        allowNegative={false}
        data-autofocus
      />
    </SettingDialog>
  );
}
