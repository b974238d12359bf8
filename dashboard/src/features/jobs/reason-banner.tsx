'use client';

import type { JobDetail } from '@dibs/shared';
import { IconClockHour4, IconHandStop } from '@tabler/icons-react';
import { Callout } from '../../ui/callout';
import { Ago } from '../../ui/times';
import { isCanceling } from './is-canceling';

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
  if (job.state === 'queued' || job.state === 'waiting') {
    return (
      <Callout tone="neutral" icon={<IconClockHour4 size={18} />} role="status">
        {job.reasonText ? `${job.reasonText} ` : ''}Waiting for a runner{requirements(job)}.
      </Callout>
    );
  }
  if (!job.reasonText || job.state === 'succeeded') return null;
  const tones = { failed: 'bad', canceled: 'neutral' } as const;
  return (
    <Callout tone={job.state in tones ? tones[job.state as keyof typeof tones] : 'warn'}>{job.reasonText}</Callout>
  );
}

/** What the job demands, from its own words. */
function requirements({ spec }: JobDetail): string {
  const labels = Object.entries(spec.requires.labels).map(([name, value]) => `${name}=${value}`);
  const demands = [
    spec.runner && `named ${spec.runner}`,
    spec.instance && `on instance ${spec.instance}`,
    spec.requires.tools.length > 0 && `with ${spec.requires.tools.join(', ')}`,
    labels.length > 0 && `labeled ${labels.join(', ')}`,
  ].filter(Boolean);
  return demands.length > 0 ? ` ${demands.join(', ')}` : ' with a free slot';
}
