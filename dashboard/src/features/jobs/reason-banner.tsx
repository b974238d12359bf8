'use client';

import type { JobDetail, StepView } from '@dibs/shared';
import { IconHandStop } from '@tabler/icons-react';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import { isCanceling } from './is-canceling';
import { StepLink } from './step-link';

const CANCEL_WORDS = {
  graceful: 'The running step gets a signal and some time to end.',
  after_step: 'The running step may finish, then the job ends.',
  kill: 'Its processes are being killed.',
} as const;

/** Why the job is where it is, when that is not what everybody expects. */
export function ReasonBanner({ job }: { readonly job: JobDetail }) {
  if (isCanceling(job) && job.cancel) {
    return (
      <Callout tone="warn" icon={<IconHandStop size={18} />} role="status">
        Cancel requested <Ago at={job.cancel.requestedAt} />. {CANCEL_WORDS[job.cancel.mode]}
      </Callout>
    );
  }
  // a job that waits is explained, runner by runner
  if (job.state === 'queued' || job.state === 'waiting') return null;
  if (!job.reasonText || job.state === 'succeeded') return null;
  const tones = { failed: 'bad', canceled: 'neutral' } as const;
  return (
    <Callout tone={job.state in tones ? tones[job.state as keyof typeof tones] : 'warn'}>
      {job.reasonText} <Culprit steps={job.steps} />
    </Callout>
  );
}

/** Leads from what went wrong to the lines that tell why. */
function Culprit({ steps }: { readonly steps: readonly StepView[] }) {
  const step = steps.find(({ state }) => state === 'failed' || state === 'timed_out');
  if (!step) return null;
  const { exitCode, signal } = step;
  const how = exitCode !== null ? ` (exit code ${exitCode})` : signal ? ` (${signal})` : '';
  return (
    <>
      It was step {step.step + 1}, <StepLink step={step} />
      {how}.
    </>
  );
}
