'use client';

import type { InstanceStatus, InstanceView, RunnerId } from '@dibs/shared';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { StatusPill, type Tone } from '../../ui/status-pill';
import { formatMoment } from '../../ui/format-time';
import { Ago } from '../../ui/times';
import { ConnectionHistory } from './connection-history';
import { DrainButton } from './drain-button';
import classes from './runners.module.css';

/** `online`, and no slot is free. */
const BUSY = { tone: 'info', word: 'Busy' } as const;
/** `online`, and it comes and goes or does not answer. */
const UNSTABLE = { tone: 'warn', word: 'Unstable' } as const;
const STATUS_VIEWS = {
  online: { tone: 'good', word: 'Online' },
  draining: { tone: 'warn', word: 'Draining' },
  offline: { tone: 'muted', word: 'Offline' },
} as const satisfies Record<InstanceStatus, { tone: Tone; word: string }>;

interface InstanceRowProps {
  readonly runnerId: RunnerId;
  readonly instance: InstanceView;
  /** What somebody should look at; null: nothing. */
  readonly alert: string | null;
  readonly mayManage: boolean;
}

export function InstanceRow({ runnerId, instance, alert, mayManage }: InstanceRowProps) {
  const hasChanged = useRecentlyChanged(instance.status);
  const { tone, word } = standing(instance, alert);
  return (
    <li className={classes.instance} data-changed={hasChanged || undefined} data-testid={`instance-${instance.name}`}>
      <div className={classes.who}>
        <span role="status" data-testid="instance-status">
          <StatusPill tone={tone}>{word}</StatusPill>
        </span>
        <div className={classes.whoText}>
          <bdi className={classes.instanceName}>{instance.name}</bdi>
          <div className={classes.note}>
            <bdi>{instance.hostName}</bdi> · v{instance.version}
          </div>
          <ConnectionHistory runnerId={runnerId} instance={instance} />
        </div>
      </div>
      <div className={classes.work}>
        {instance.status !== 'offline' && <Slots used={instance.jobs.length} slots={instance.slots} />}
        <Presence instance={instance} />
        {alert && (
          <div className={classes.note}>
            <bdi>{alert}</bdi>
          </div>
        )}
        {instance.drainDeadline && (
          <div className={classes.note}>gives up its jobs at {formatMoment(instance.drainDeadline)}</div>
        )}
      </div>
      <div className={classes.traits}>
        {instance.tools.map(({ name, version }) => (
          <span key={name} className={classes.trait}>
            <bdi>{name}</bdi>
            {version && <span className={classes.note}> {version}</span>}
          </span>
        ))}
        {Object.entries(instance.labels).map(([name, value]) => (
          <span key={name} className={classes.trait} data-kind="label">
            <bdi>
              {name}={value}
            </bdi>
          </span>
        ))}
        {instance.tools.length === 0 && Object.keys(instance.labels).length === 0 && (
          <span className={classes.note}>no tools or labels</span>
        )}
      </div>
      {instance.jobs.length > 0 && (
        <ul className={classes.jobs} aria-label="Running jobs">
          {instance.jobs.map((job) => (
            <li key={job.id}>
              <Link href={`/jobs/${job.id}`} className="link">
                <bdi>{job.name}</bdi>
              </Link>
              {job.attempt > 1 && <span className={classes.note}> attempt {job.attempt}</span>}
            </li>
          ))}
        </ul>
      )}
      {mayManage && (instance.status === 'online' || instance.drainRequested) && (
        <DrainButton runnerId={runnerId} name={instance.name} isDrained={instance.drainRequested} />
      )}
    </li>
  );
}

function standing({ status, jobs, slots }: InstanceView, alert: string | null): { tone: Tone; word: string } {
  if (status !== 'online') return STATUS_VIEWS[status];
  if (alert !== null) return UNSTABLE;
  return jobs.length >= slots ? BUSY : STATUS_VIEWS.online;
}

function Slots({ used, slots }: { readonly used: number; readonly slots: number }) {
  return (
    <div className={classes.slots}>
      <span className={classes.slotBars} aria-hidden>
        {Array.from({ length: Math.min(slots, 16) }, (_, index) => (
          <span key={index} data-used={index < used || undefined} />
        ))}
      </span>
      <span className="tabular">
        {used} of {slots} {slots === 1 ? 'slot' : 'slots'} in use
      </span>
    </div>
  );
}

/** Since when it is there, or when and why it went. */
function Presence({
  instance: { status, connectedAt, disconnectedAt, disconnectReason },
}: {
  readonly instance: InstanceView;
}) {
  if (status !== 'offline') {
    return (
      <div className={classes.note}>
        {connectedAt ? (
          <>
            connected <Ago at={connectedAt} />
          </>
        ) : null}
      </div>
    );
  }
  return (
    <div className={classes.note}>
      {disconnectedAt ? (
        <>
          gone <Ago at={disconnectedAt} />
        </>
      ) : (
        'never connected'
      )}
      {disconnectReason && <>: {disconnectReason}</>}
    </div>
  );
}

const HIGHLIGHT_MS = 1_600;

/** true for a moment after the value became another one. */
function useRecentlyChanged(value: string): boolean {
  const previous = useRef(value);
  const [isRecent, setIsRecent] = useState(false);
  useEffect(() => {
    if (previous.current === value) return;
    previous.current = value;
    setIsRecent(true);
    const timer = setTimeout(() => setIsRecent(false), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return isRecent;
}
