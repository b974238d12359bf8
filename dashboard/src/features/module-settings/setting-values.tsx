import type {
  ApprovalRule,
  ApprovalSetting,
  ArchiveSourceSpec,
  EffectiveSettings,
  EnginePhase,
  GitSourceSpec,
  Placement,
} from '@dibs/shared';
import type { ReactNode } from 'react';
import { formatDuration } from '../../ui/format-time';
import type { SingleSetting } from './settings-scope';
import classes from './module-settings.module.css';

export const APPROVAL_WORDS = {
  never: 'Nobody has to approve',
  changes: 'When the plan changes something',
  destroys: 'When the plan destroys something',
  always: 'Every plan that would be applied',
} as const satisfies Record<ApprovalRule, string>;

/** The value of each setting in words. */
export const SHOWN: { readonly [Key in SingleSetting]: (value: EffectiveSettings[Key]['value']) => ReactNode } = {
  engine: (engine) =>
    engine === null ? (
      'none chosen yet: without one nothing can be planned'
    ) : (
      <>
        {engine.name} <span className={classes.code}>{engine.version ?? 'of any version'}</span>
      </>
    ),
  source: (source) =>
    source === null ? (
      'none: the files alone'
    ) : source.type === 'git' ? (
      <GitSource source={source} />
    ) : (
      <ArchiveSource source={source} />
    ),
  workspace: (workspace) => (workspace === null ? 'the default one' : <Code>{workspace}</Code>),
  backend: (backend) => <Chips pairs={backend} />,
  flags: (flags) => (
    <Lists lines={Object.entries(flags).map(([phase, list]) => [phase as EnginePhase, list.join(' ')] as const)} />
  ),
  approval: ({ when, expiresAfterSeconds }: ApprovalSetting) =>
    when === 'never'
      ? APPROVAL_WORDS.never
      : `${APPROVAL_WORDS[when]}; a plan expires after ${seconds(expiresAfterSeconds)}`,
  triggerOnUpstreamOutputChanged: (isOn) => (isOn ? 'Yes' : 'No'),
  triggerOnDefinitionChanged: (isOn) => (isOn ? 'Yes' : 'No'),
  triggerOnSourceChanged: (isOn) => (isOn ? 'Yes' : 'No'),
  sourcePolling: ({ everySeconds }) =>
    everySeconds === null ? 'only when told of a change' : `every ${seconds(everySeconds)}`,
  placement: (placement) => <PlacementWords placement={placement} />,
  labels: (labels) => <Chips pairs={labels} />,
  timeoutSeconds: seconds,
  queueTimeoutSeconds: seconds,
};

function ArchiveSource({ source: { sha256, path } }: { readonly source: ArchiveSourceSpec }) {
  return (
    <>
      uploaded archive <Code>{sha256.slice(0, 12)}</Code>
      {path && <div className={classes.hint}>folder {path}</div>}
    </>
  );
}

function GitSource({ source: { url, revision, versions, path } }: { readonly source: GitSourceSpec }) {
  return (
    <>
      <Code>{url}</Code>
      <div className={classes.hint}>
        {versions ? `newest tag in ${versions}` : revision ? `at ${revision}` : 'at its default branch'}
        {path && `, folder ${path}`}
      </div>
    </>
  );
}

function PlacementWords({ placement: { runner, instance } }: { readonly placement: Placement }) {
  if (runner === null && instance === null) return 'any that may take its jobs';
  return (
    <>
      {runner !== null && <bdi>{runner}</bdi>}
      {runner !== null && instance !== null && ' / '}
      {instance !== null && <bdi>{instance}</bdi>}
    </>
  );
}

function Chips({ pairs }: { readonly pairs: Readonly<Record<string, string>> }) {
  const entries = Object.entries(pairs);
  if (entries.length === 0) return 'none';
  return (
    <span className={classes.chips}>
      {entries.map(([name, value]) => (
        <span key={name} className={classes.chip}>
          {name}={value}
        </span>
      ))}
    </span>
  );
}

function Lists({ lines }: { readonly lines: readonly (readonly [string, string])[] }) {
  if (lines.length === 0) return 'none';
  return lines.map(([name, list]) => (
    <div key={name}>
      {name} <Code>{list}</Code>
    </div>
  ));
}

function Code({ children }: { readonly children: string }) {
  return <bdi className={classes.code}>{children}</bdi>;
}

/** As in `7d` or `1h 30m`: limits are mostly round. */
export function seconds(value: number): string {
  return formatDuration(value * 1_000).replace(/ 0+[hms]$/, '');
}
