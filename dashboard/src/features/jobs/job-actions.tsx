'use client';

import { isTerminal, type CancelMode, type JobDetail } from '@dibs/shared';
import { Button, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconPencil, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { messageOf } from '../../api/api-error';
import { useCancelJob, useRetryJob } from '../../api/jobs';
import { usePermission } from '../../api/session';
import { LanePause } from '../pauses/lane-pause';

const CANCEL_CHOICES: readonly { mode: CancelMode; label: string; hint: string }[] = [
  { mode: 'graceful', label: 'Cancel', hint: 'Signals the step and kills it if it does not end' },
  { mode: 'after_step', label: 'Cancel after this step', hint: 'The running step may finish' },
  { mode: 'kill', label: 'Kill now', hint: 'No time to clean up' },
];

/** Nothing for those who may only look. */
export function JobActions({ job }: { readonly job: JobDetail }) {
  const mayControl = usePermission('jobs:control');
  if (!mayControl) return null;
  return (
    <>
      <LanePause lane={job.lane} />
      {isTerminal(job.state) ? (
        // a run of a module is started anew as a whole
        job.runId === undefined && <RetryButtons job={job} />
      ) : (
        <CancelMenu job={job} />
      )}
    </>
  );
}

function RetryButtons({ job }: { readonly job: JobDetail }) {
  const router = useRouter();
  const retry = useRetryJob(job.id);
  const submit = (): void =>
    retry.mutate(undefined, {
      onSuccess: (created) => router.push(`/jobs/${created.id}`),
      onError: (error) => showRefusal('Not retried', error),
    });
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={submit} loading={retry.isPending}>
        Retry
      </Button>
      <Button
        variant="default"
        leftSection={<IconPencil size={16} />}
        component={Link}
        href={`/jobs/new?from=${encodeURIComponent(job.id)}`}
      >
        Retry with changes
      </Button>
    </>
  );
}

function CancelMenu({ job }: { readonly job: JobDetail }) {
  const cancel = useCancelJob(job.id);
  const request = (mode: CancelMode): void =>
    cancel.mutate({ mode }, { onError: (error) => showRefusal('Not canceled', error) });
  // What was asked for can only be made stronger.
  const choices = CANCEL_CHOICES.filter(({ mode }) => mode !== job.cancel?.mode);
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} />}
          rightSection={<IconChevronDown size={14} />}
          loading={cancel.isPending}
        >
          {job.cancel ? 'Canceling…' : 'Cancel'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ mode, label, hint }) => (
          <Menu.Item key={mode} onClick={() => request(mode)} color={mode === 'kill' ? 'red' : undefined}>
            {label}
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function showRefusal(title: string, error: Error): void {
  notifications.show({ color: 'red', title, message: messageOf(error) });
}
