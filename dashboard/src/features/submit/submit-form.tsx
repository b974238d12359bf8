'use client';

import { Button, Stack } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useSubmitJob } from '../../api/submit';
import { Callout } from '../../ui/callout';
import { bodyOf } from './draft-body';
import { fieldErrors } from './field-errors';
import type { JobDraft } from './job-draft';
import { KeptNote } from './kept-note';
import { LimitFields } from './limit-fields';
import { PairsEditor } from './pairs-editor';
import { PlacementFields } from './placement-fields';
import { RequestPreview } from './request-preview';
import { Section } from './section';
import { ScopeFields } from './scope-fields';
import { SourceFields } from './source-fields';
import { StepsEditor } from './steps-editor';
import { TroubleFields } from './trouble-fields';
import { TextField } from './text-field';
import { useIdempotencyKey } from './use-idempotency-key';
import { WhatIf } from './what-if';
import classes from './submit.module.css';

export type DraftForm = UseFormReturnType<JobDraft>;

const TYPING_PAUSE_MS = 400;

export function SubmitForm({ initial }: { readonly initial: JobDraft }) {
  const router = useRouter();
  const submit = useSubmitJob();
  const keyOf = useIdempotencyKey();
  const [others, setOthers] = useState<readonly string[]>([]);
  const form = useForm<JobDraft>({ initialValues: initial });
  const formRef = useRef<HTMLFormElement>(null);
  const [settled] = useDebouncedValue(form.values, TYPING_PAUSE_MS);
  const { errors } = form;

  useEffect(() => {
    if (Object.keys(errors).length === 0) return;
    formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const send = form.onSubmit((draft) => {
    setOthers([]);
    const body = bodyOf(draft);
    submit.mutate(
      { body, idempotencyKey: keyOf(body) },
      {
        onSuccess: (job) => router.push(`/jobs/${job.id}`),
        onError: (error) => {
          const problems = error instanceof ApiError ? error.errors : [];
          const found = fieldErrors(problems);
          form.setErrors(found.fields);
          setOthers(problems.length === 0 ? [wordsOf(error)] : found.others);
        },
      },
    );
  });

  return (
    <div className={classes.columns}>
      <form ref={formRef} onSubmit={send} noValidate className={classes.form} aria-label="The job">
        <Section title="What it does">
          <TextField form={form} path="name" label="Name" placeholder="the first step's" />
          <StepsEditor form={form} />
        </Section>
        <Section title="Environment" hint="Of every step. Secrets are encrypted and masked in the log.">
          <PairsEditor form={form} path="env" title="Variables" what="variable" />
          <PairsEditor form={form} path="secrets" title="Secrets" what="secret" isSecret />
        </Section>
        <SourceFields form={form} />
        <PlacementFields form={form} />
        <LimitFields form={form} />
        <TroubleFields form={form} />
        <ScopeFields form={form} />
        <KeptNote kept={form.values.kept} />
        <Stack gap="sm">
          {others.length > 0 && (
            <Callout tone="bad" role="alert">
              {others.join(' ')}
            </Callout>
          )}
          {Object.keys(errors).length > 0 && (
            <Callout tone="bad" role="alert">
              Not submitted: {Object.keys(errors).length === 1 ? 'one field is' : 'some fields are'} not right yet.
            </Callout>
          )}
          <Button type="submit" loading={submit.isPending || submit.isSuccess}>
            Submit
          </Button>
        </Stack>
      </form>
      <div className={classes.beside}>
        <WhatIf draft={settled} />
        <RequestPreview draft={form.values} />
      </div>
    </div>
  );
}

function wordsOf(error: Error): string {
  const mayBeThere = error instanceof ApiError && error.isTemporary;
  return mayBeThere
    ? `${messageOf(error)} What you wrote is kept. Submit it again: it makes one job, even if the first try arrived.`
    : messageOf(error);
}
