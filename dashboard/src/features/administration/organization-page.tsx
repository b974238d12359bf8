'use client';

import type { OrganizationView, UpdateOrganizationBody } from '@dibs/shared';
import { Button, Group, NumberInput, Paper, Skeleton, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useOrganization, useUpdateOrganization } from '../../api/access';
import { usePermission } from '../../api/session';
import { Callout } from '../../ui/callout';
import { CopyIcon } from '../../ui/code-block';
import { LoadError } from '../../ui/load-error';
import { sayWhenDone } from '../../ui/say-when-done';
import classes from './administration.module.css';
import { RetentionSection } from './retention-section';

export function OrganizationPage() {
  const { data, error, refetch, isFetching } = useOrganization();
  if (data) {
    return (
      <Stack gap="lg">
        <Settings organization={data} />
        <RetentionSection />
      </Stack>
    );
  }
  if (error) {
    return (
      <LoadError
        what="The organization"
        detail={messageOf(error)}
        requestId={error instanceof ApiError ? error.requestId : null}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  return <Skeleton height={230} maw={560} radius="lg" role="status" aria-label="Loading the organization" />;
}

function Settings({ organization }: { readonly organization: OrganizationView }) {
  const { id, name, maxRunningJobs, logLimitMib } = organization;
  const mayManage = usePermission('access:manage');
  return (
    <Paper p="lg" radius="lg" maw={560}>
      <Stack gap="lg">
        <dl className={classes.facts}>
          <dt>Id</dt>
          <dd>
            <Group gap={4} wrap="nowrap">
              <span className={classes.code}>{id}</span>
              <CopyIcon value={id} label="Copy the id of the organization" />
            </Group>
          </dd>
        </dl>
        <NameForm key={name} stored={name} mayManage={mayManage} />
        {/* a new form when somebody else changed it */}
        <LimitForm
          key={`jobs ${maxRunningJobs}`}
          label="Jobs at a time"
          description="So many may be queued, claimed and running; the others wait. Empty: any number. What runs already goes on."
          placeholder="any number"
          most={100_000}
          stored={maxRunningJobs}
          mayManage={mayManage}
          action="Set quota"
          changeOf={(limit) => ({ maxRunningJobs: limit })}
        />
        <LimitForm
          key={`log ${logLimitMib}`}
          label="MiB of a log"
          description="What the log of an attempt may take. Of a longer one the beginning and the end stay, and the middle is counted. Empty: what the server allows."
          placeholder="what the server allows"
          most={10_240}
          stored={logLimitMib}
          mayManage={mayManage}
          action="Set log limit"
          changeOf={(limit) => ({ logLimitMib: limit })}
        />
      </Stack>
    </Paper>
  );
}

function NameForm({ stored, mayManage }: { readonly stored: string; readonly mayManage: boolean }) {
  const update = useUpdateOrganization();
  const [name, setName] = useState(stored);
  const wanted = name.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted === '') return;
    sayWhenDone(update.mutateAsync({ name: wanted }), `The organization is called ${wanted} now.`);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack align="flex-start">
        <TextInput
          label="Name"
          description="Shown to its people; nothing else depends on it."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          readOnly={!mayManage}
          maxLength={100}
          error={update.error ? messageOf(update.error) : wanted === '' ? 'It needs a name' : null}
          w="100%"
        />
        {mayManage && (
          <Button type="submit" loading={update.isPending} disabled={wanted === '' || wanted === stored}>
            Rename
          </Button>
        )}
      </Stack>
    </form>
  );
}

interface LimitFormProps {
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  /** As the server takes it. */
  readonly most: number;
  /** null: no limit. */
  readonly stored: number | null;
  readonly mayManage: boolean;
  readonly action: string;
  readonly changeOf: (limit: number | null) => UpdateOrganizationBody;
}

function LimitForm({ label, description, placeholder, most, stored, mayManage, action, changeOf }: LimitFormProps) {
  const update = useUpdateOrganization();
  const [draft, setDraft] = useState<number | string>(stored ?? '');
  const limit = draft === '' ? null : Number(draft);
  const isValid = limit === null || (Number.isInteger(limit) && limit >= 1 && limit <= most);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isValid) return;
    sayWhenDone(update.mutateAsync(changeOf(limit)), 'It counts from now on.');
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack align="flex-start">
        {update.error && (
          <Callout tone="bad" role="alert">
            {messageOf(update.error)}
          </Callout>
        )}
        <NumberInput
          label={label}
          description={description}
          placeholder={placeholder}
          value={draft}
          onChange={setDraft}
          min={1}
          max={most}
          allowDecimal={false}
          allowNegative={false}
          readOnly={!mayManage}
          error={isValid ? null : `A whole number from 1 to ${most.toLocaleString()}, or nothing`}
          w="100%"
        />
        {mayManage && (
          <Button type="submit" loading={update.isPending} disabled={!isValid || limit === stored}>
            {action}
          </Button>
        )}
      </Stack>
    </form>
  );
}
