'use client';

import type { BulkOutcome, JobSummary } from '@dibs/shared';
import { Button, Group, Stack, Text } from '@mantine/core';
import Link from 'next/link';
import { Callout } from '../../ui/callout';
import classes from './job-table.module.css';

interface BulkResultProps {
  readonly what: 'cancel' | 'retry';
  readonly jobs: readonly JobSummary[];
  readonly outcomes: readonly BulkOutcome[];
  readonly onClose: () => void;
}

/** Who is in a hurry reads one line; who wants to know reads of every job that was refused why. */
export function BulkResult({ what, jobs, outcomes, onClose }: BulkResultProps) {
  const names = new Map<string, string>(jobs.map(({ id, name }) => [id, name]));
  const refused = outcomes.filter((outcome) => !outcome.ok);
  const done = outcomes.length - refused.length;
  return (
    <Stack>
      <Callout tone={refused.length > 0 ? 'warn' : 'neutral'} role="status">
        {summary(what, done)}
        {refused.length > 0 && `, ${refused.length} refused`}.
        {what === 'cancel' && done > 0 && ' Those that run show as canceling until their runner has ended them.'}
      </Callout>
      {refused.length > 0 && (
        <ul className={classes.refused}>
          {refused.map(({ id, detail }) => (
            <li key={id}>
              <Link href={`/jobs/${id}`} className="link">
                <bdi>{names.get(id) ?? id}</bdi>
              </Link>
              <Text size="xs" c="dimmed">
                {detail}
              </Text>
            </li>
          ))}
        </ul>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function summary(what: 'cancel' | 'retry', done: number): string {
  if (what === 'cancel')
    return done === 1 ? 'The cancel of one job is on its way' : `The cancel of ${done} jobs is on its way`;
  return done === 1 ? 'One new job was made' : `${done} new jobs were made`;
}
