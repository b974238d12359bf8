'use client';

import type { JobExplanation } from '@dibs/shared';
import { Paper, Skeleton } from '@mantine/core';
import { ApiError, messageOf } from '../../api/api-error';
import { useWhatIf } from '../../api/submit';
import { RunnerTable } from '../explain/runner-table';
import { VerdictBanner } from '../explain/verdict-banner';
import { bodyOf, whatIfBody } from './draft-body';
import type { JobDraft } from './job-draft';
import classes from './submit.module.css';

/** Who would take the job as it stands, while it is being written. */
export function WhatIf({ draft }: { readonly draft: JobDraft }) {
  const hasScript = draft.steps.some(({ run }) => run.trim() !== '');
  const { data, error } = useWhatIf(whatIfBody(bodyOf(placeholders(draft))), true);
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="If it was submitted now">
      <h2 className={classes.cardTitle}>If it was submitted now</h2>
      <div className={classes.cardBody} aria-live="polite">
        {error ? (
          <p className={classes.hint}>{problemOf(error)}</p>
        ) : data ? (
          <>
            <p className={classes.headline} data-testid="what-if">
              {headline(data)}
            </p>
            <VerdictBanner verdict={data.verdict} summary={data.summary} />
            <RunnerTable explanation={data} />
            {!hasScript && <p className={classes.hint}>It has no script yet.</p>}
          </>
        ) : (
          <Skeleton height={60} radius="md" aria-label="Finding out" />
        )}
      </div>
    </Paper>
  );
}

/** Who could run it does not depend on what it runs: a step without a script must not keep the answer back. */
function placeholders(draft: JobDraft): JobDraft {
  return { ...draft, steps: draft.steps.map((step) => (step.run.trim() === '' ? { ...step, run: 'true' } : step)) };
}

function headline({ fanOut, canTakeNow }: JobExplanation): string {
  if (fanOut) return fanOut.total === 1 ? 'One runner gets a child' : `${fanOut.total} runners get a child each`;
  if (canTakeNow === 0) return 'No runner can take this now';
  return canTakeNow === 1 ? 'One runner can take this now' : `${canTakeNow} runners can take this now`;
}

function problemOf(error: Error): string {
  const isAboutInput = error instanceof ApiError && (error.status === 400 || error.status === 422);
  return isAboutInput ? `Not to be told yet: ${messageOf(error)}` : `It could not be found out: ${messageOf(error)}`;
}
