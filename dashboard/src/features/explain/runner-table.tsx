'use client';

import { HELD_BACK_VERDICTS, type ExplainRule, type JobExplanation, type RunnerExplanation } from '@dibs/shared';
import { StatusPill, type Tone } from '../../ui/status-pill';
import classes from './explain.module.css';

/** What passes by itself is calm; what nobody mends by waiting is not. */
const RULE_VIEWS: Readonly<Record<ExplainRule, { readonly tone: Tone; readonly word: string }>> = {
  no_free_slot: { tone: 'info', word: 'Busy' },
  stopped: { tone: 'warn', word: 'Takes nothing' },
  paused: { tone: 'warn', word: 'Paused' },
  unresponsive: { tone: 'warn', word: 'Not answering' },
  draining: { tone: 'warn', word: 'Draining' },
  offline: { tone: 'muted', word: 'Offline' },
  never_connected: { tone: 'muted', word: 'Never connected' },
  runner_disabled: { tone: 'muted', word: 'Disabled' },
  tool_version: { tone: 'bad', word: 'Wrong version' },
  label_mismatch: { tone: 'bad', word: 'Other label' },
  tool_missing: { tone: 'bad', word: 'Tool missing' },
  slots_too_few: { tone: 'bad', word: 'Too small' },
  not_assigned: { tone: 'bad', word: 'Not assigned' },
  other_instance: { tone: 'muted', word: 'Not named' },
  other_runner: { tone: 'muted', word: 'Not named' },
  executor_missing: { tone: 'bad', word: 'No executor' },
};

const CAN_TAKE_IT = { tone: 'good', word: 'Can take it' } as const;
const COULD_TAKE_IT = { tone: 'neutral', word: 'Could take it' } as const;
/** Of a fan-out, also while the child would have to wait for it. */
const GETS_CHILD = { tone: 'good', word: 'Gets a child' } as const;

export function RunnerTable({ explanation }: { readonly explanation: JobExplanation }) {
  const { runners, notListed } = explanation;
  if (runners.length === 0) return null;
  return (
    <div className={classes.scroller}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Runner</th>
            <th scope="col">Could it?</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {runners.map((runner) => (
            <Row
              key={runner.instanceId ?? runner.runnerId}
              runner={runner}
              isHeldBack={HELD_BACK_VERDICTS.has(explanation.verdict)}
            />
          ))}
        </tbody>
      </table>
      {notListed > 0 && <p className={classes.more}>and {notListed} more that are not listed</p>}
    </div>
  );
}

interface RowProps {
  readonly runner: RunnerExplanation;
  /** The job waits for something that no runner can change. */
  readonly isHeldBack: boolean;
}

function Row({ runner: { runner, instance, rule, getsChild, text }, isHeldBack }: RowProps) {
  const free = isHeldBack ? COULD_TAKE_IT : CAN_TAKE_IT;
  const { tone, word } = getsChild ? GETS_CHILD : rule === null ? free : RULE_VIEWS[rule];
  return (
    <tr data-rule={rule ?? 'none'}>
      <th scope="row">
        <bdi>{runner}</bdi>
        {instance !== null && instance !== runner && (
          <span className={classes.instance}>
            {' / '}
            <bdi>{instance}</bdi>
          </span>
        )}
      </th>
      <td>
        <StatusPill tone={tone}>{word}</StatusPill>
      </td>
      <td>
        <bdi>{text}</bdi>
      </td>
    </tr>
  );
}
