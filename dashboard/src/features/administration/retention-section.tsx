'use client';

import type { RetentionRule, RetentionView } from '@dibs/shared';
import { Button, NumberInput, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useRetention, useSetRetention } from '../../api/access';
import { usePermission } from '../../api/session';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { sayWhenDone } from '../../ui/say-when-done';

/** How long logs and jobs are kept. */
export function RetentionSection() {
  const { data, error, refetch, isFetching } = useRetention();
  if (data) {
    // a new form when somebody else changed it
    const key = [data.logDays, data.logMib, data.archiveDays, data.jobDays].join();
    return <RetentionForm key={key} stored={data} />;
  }
  if (error) {
    return (
      <LoadError
        what="How long logs and jobs are kept"
        detail={messageOf(error)}
        requestId={error instanceof ApiError ? error.requestId : null}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  return <Skeleton height={360} maw={560} radius="lg" role="status" aria-label="Loading how long logs are kept" />;
}

type Draft = Record<keyof RetentionRule, number | string>;

function RetentionForm({ stored }: { readonly stored: RetentionView }) {
  const mayManage = usePermission('access:manage');
  const update = useSetRetention();
  const [draft, setDraft] = useState<Draft>({
    logDays: stored.logDays ?? '',
    logMib: stored.logMib ?? '',
    archiveDays: stored.archiveDays ?? '',
    jobDays: stored.jobDays ?? '',
  });
  const rule: RetentionRule = {
    logDays: numberOf(draft.logDays),
    logMib: numberOf(draft.logMib),
    archiveDays: numberOf(draft.archiveDays),
    jobDays: numberOf(draft.jobDays),
  };
  const isValid = FIELDS.every(({ name, max }) => isAllowed(rule[name], max));
  const isSame = FIELDS.every(({ name }) => rule[name] === stored[name]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isValid) return;
    sayWhenDone(update.mutateAsync(rule), 'What is to go is removed within the hour.');
  };
  return (
    <Paper p="lg" radius="lg" maw={560}>
      <form onSubmit={submit} noValidate>
        <Stack align="flex-start">
          <Title order={2} size="h4">
            Retention
          </Title>
          <Text size="sm" c="dimmed">
            {standing(stored)}
          </Text>
          {update.error && (
            <Callout tone="bad" role="alert">
              {messageOf(update.error)}
            </Callout>
          )}
          {FIELDS.filter(({ name }) => name !== 'archiveDays' || stored.hasArchive).map(
            ({ name, label, description, max }) => (
              <NumberInput
                key={name}
                label={label}
                description={description}
                placeholder="for good"
                value={draft[name]}
                onChange={(value) => setDraft((before) => ({ ...before, [name]: value }))}
                min={1}
                max={max}
                allowDecimal={false}
                allowNegative={false}
                readOnly={!mayManage}
                error={
                  isAllowed(rule[name], max) ? null : `A whole number from 1 to ${max.toLocaleString()}, or nothing`
                }
                w="100%"
              />
            ),
          )}
          {mayManage && (
            <Button type="submit" loading={update.isPending} disabled={!isValid || isSame}>
              Set retention
            </Button>
          )}
        </Stack>
      </form>
    </Paper>
  );
}

/** Limits as the server takes them. */
const FIELDS = [
  {
    name: 'logDays',
    label: 'Days logs are kept',
    description: 'Counted from the submit of their job. The job and the receipt of its log stay.',
    max: 3650,
  },
  {
    name: 'logMib',
    label: 'MiB of logs that are kept',
    description: 'Text before compression. Beyond it the logs of the oldest jobs go.',
    max: 1_000_000_000,
  },
  {
    name: 'archiveDays',
    label: 'Days archived logs are kept',
    description: 'Logs are copied to the archive before they go, and read from there. Counted from the submit as well.',
    max: 3650,
  },
  {
    name: 'jobDays',
    label: 'Days jobs are kept after their end',
    description: 'Then they go, with logs, receipts and events. Empty: for good.',
    max: 3650,
  },
] as const satisfies readonly {
  readonly name: keyof RetentionRule;
  readonly label: string;
  readonly description: string;
  readonly max: number;
}[];

function numberOf(value: number | string): number | null {
  return value === '' ? null : Number(value);
}

function isAllowed(value: number | null, max: number): boolean {
  return value === null || (Number.isInteger(value) && value >= 1 && value <= max);
}

function standing({ logBytes, logsRemovedBefore, hasArchive }: RetentionView): string {
  const stored = `Logs take ${(logBytes / 1024 / 1024).toLocaleString(undefined, { maximumFractionDigits: 1 })} MiB.`;
  if (logsRemovedBefore === null) return `${stored} None were removed.`;
  const became = hasArchive ? 'went to the archive' : 'were removed';
  return `${stored} Those of jobs submitted before ${new Date(logsRemovedBefore).toLocaleString()} ${became}.`;
}
