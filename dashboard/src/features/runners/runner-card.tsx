'use client';

import type { RunnerView } from '@dibs/shared';
import { Paper, Skeleton, Text } from '@mantine/core';
import { messageOf } from '../../api/api-error';
import { StatusPill, type Tone } from '../../ui/status-pill';
import { RunnerPause } from '../pauses/runner-pause';
import { InstanceRow } from './instance-row';
import { RunnerMenu } from './runner-menu';
import { RunnerStanding } from './runner-standing';
import { useLiveInstances } from './use-live-runners';
import classes from './runners.module.css';

interface RunnerCardProps {
  readonly runner: RunnerView;
  /** Of instances, by their id. */
  readonly alerts: ReadonlyMap<string, string>;
  readonly mayManage: boolean;
}

/** One runner record with the instances that ever connected under it. */
export function RunnerCard({ runner, alerts, mayManage }: RunnerCardProps) {
  const { data: instances, error } = useLiveInstances(runner.id);
  const { tone, word } = standing(runner);
  return (
    <Paper component="section" id={runner.id} radius="lg" className={classes.card} aria-label={`Runner ${runner.name}`}>
      <header className={classes.cardHeader}>
        <h2 className={classes.cardName}>
          <bdi>{runner.name}</bdi>
        </h2>
        <StatusPill tone={tone}>{word}</StatusPill>
        {!runner.allowMultipleInstances && (
          <Text size="xs" c="dimmed">
            one instance only
          </Text>
        )}
        <RunnerStanding runner={runner} mayManage={mayManage} />
        <span className={classes.cardActions}>
          <RunnerPause runner={runner} />
          {mayManage && <RunnerMenu runner={runner} />}
        </span>
      </header>
      {instances ? (
        instances.length > 0 ? (
          <ul className={classes.instances}>
            {instances.map((instance) => (
              <InstanceRow
                key={instance.id}
                runnerId={runner.id}
                instance={instance}
                alert={alerts.get(instance.id) ?? null}
                mayManage={mayManage}
              />
            ))}
          </ul>
        ) : (
          <Text className={classes.none} c="dimmed">
            Nothing has connected as this runner yet.
          </Text>
        )
      ) : error ? (
        <Text className={classes.none} c="dimmed" role="alert">
          Its instances could not be loaded: {messageOf(error)}
        </Text>
      ) : (
        <div className={classes.none}>
          <Skeleton height={14} width="50%" />
        </div>
      )}
    </Paper>
  );
}

function standing({ disabled, instances }: RunnerView): { tone: Tone; word: string } {
  if (disabled) return { tone: 'warn', word: 'Disabled' };
  if (instances.online > 0) return { tone: 'good', word: `${instances.online} online` };
  if (instances.draining > 0) return { tone: 'warn', word: `${instances.draining} draining` };
  return { tone: 'muted', word: instances.offline > 0 ? 'Offline' : 'Never connected' };
}
