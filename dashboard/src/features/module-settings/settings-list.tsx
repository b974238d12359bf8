'use client';

import { Paper, Title } from '@mantine/core';
import { useState, type ComponentType } from 'react';
import { ApprovalDialog } from './approval-dialog';
import { FlagsDialog } from './flags-dialog';
import { HooksSection } from './hooks-section';
import { PlacementDialog } from './placement-dialog';
import { PollingDialog } from './polling-dialog';
import { SettingRow } from './setting-row';
import { SHOWN } from './setting-values';
import { singleSetting, type SettingsScope, type SingleSetting } from './settings-scope';
import {
  BackendDialog,
  DefinitionTriggerDialog,
  EngineDialog,
  LabelsDialog,
  OutputTriggerDialog,
  QueueTimeoutDialog,
  TimeoutDialog,
  SourceTriggerDialog,
  WorkspaceDialog,
  type SettingDialogOf,
} from './simple-dialogs';
import { SourceDialog } from './source-dialog';
import classes from './module-settings.module.css';

interface Setting {
  readonly label: string;
  readonly hint: string;
  readonly Dialog: ComponentType<SettingDialogOf>;
}

const GROUPS: readonly {
  readonly title: string;
  readonly settings: Readonly<Partial<Record<SingleSetting, Setting>>>;
}[] = [
  {
    title: 'What is deployed',
    settings: {
      engine: { label: 'Engine', hint: 'What plans and applies', Dialog: EngineDialog },
      source: { label: 'Source', hint: 'Where the configuration comes from', Dialog: SourceDialog },
      workspace: { label: 'Workspace', hint: 'Or stack, as pulumi calls it', Dialog: WorkspaceDialog },
      backend: { label: 'Backend', hint: 'What the configuration leaves open, for init', Dialog: BackendDialog },
      flags: { label: 'Flags', hint: 'More arguments for calls of the engine', Dialog: FlagsDialog },
    },
  },
  {
    title: 'When it is applied',
    settings: {
      approval: { label: 'Approval', hint: 'Which plans somebody must approve', Dialog: ApprovalDialog },
      triggerOnUpstreamOutputChanged: {
        label: 'Apply when an output changes',
        hint: 'Of another module that this one takes',
        Dialog: OutputTriggerDialog,
      },
      triggerOnDefinitionChanged: {
        label: 'Apply when its definition changes',
        hint: 'Settings, inputs, files and hooks, on any level',
        Dialog: DefinitionTriggerDialog,
      },
      triggerOnSourceChanged: {
        label: 'Apply when its source changes',
        hint: 'New commits of its git repository',
        Dialog: SourceTriggerDialog,
      },
      sourcePolling: {
        label: 'Look for new commits',
        hint: 'By a runner, which has the credentials',
        Dialog: PollingDialog,
      },
    },
  },
  {
    title: 'Where it runs',
    settings: {
      placement: { label: 'Runner', hint: 'The one that must take its jobs', Dialog: PlacementDialog },
      labels: { label: 'Labels', hint: 'That an instance must have', Dialog: LabelsDialog },
      timeoutSeconds: { label: 'Time limit', hint: 'Of each job', Dialog: TimeoutDialog },
      queueTimeoutSeconds: { label: 'Longest wait', hint: 'For a runner', Dialog: QueueTimeoutDialog },
    },
  },
];

/** Every setting with what counts, which level says so, and the way to change it. */
export function SettingsList({ scope }: { readonly scope: SettingsScope }) {
  const [asked, setAsked] = useState<Setting | null>(null);
  return (
    <div className={classes.sections}>
      {GROUPS.map(({ title, settings }) => (
        <section key={title} aria-label={title}>
          <Title order={2} mb={8}>
            {title}
          </Title>
          <Paper component="ul" radius="lg" className={classes.list}>
            {(Object.entries(settings) as [SingleSetting, Setting][]).map(([key, setting]) => (
              <SettingRow
                key={key}
                scope={scope}
                label={setting.label}
                hint={setting.hint}
                origin={singleSetting(scope, key).origin}
                onEdit={() => setAsked(setting)}
              >
                <Shown scope={scope} name={key} />
              </SettingRow>
            ))}
          </Paper>
        </section>
      ))}
      <HooksSection scope={scope} />
      {asked && <asked.Dialog scope={scope} title={asked.label} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Shown<Key extends SingleSetting>({ scope, name }: { readonly scope: SettingsScope; readonly name: Key }) {
  const { value } = singleSetting(scope, name);
  return value === undefined ? 'nothing set: the default counts' : SHOWN[name](value);
}
