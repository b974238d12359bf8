import { JOB_REASONS, type ModuleRun } from '@dibs/shared';
import { Callout } from '../../ui/callout';

/** Why it ended as it did, when that is not what everybody expects. */
export function RunReason({ run }: { readonly run: ModuleRun }) {
  const { state, reason, plan, operation } = run;
  if (state === 'failed') {
    return <Callout tone="bad">{reason ? JOB_REASONS[reason] : 'A job of it failed.'}</Callout>;
  }
  if (state === 'canceled' && reason) return <Callout tone="neutral">{JOB_REASONS[reason]}</Callout>;
  if (state === 'expired') {
    return (
      <Callout tone="warn">
        Nobody decided on its plan in time, so it was not carried out. What it planned may be true no longer: start
        anew.
      </Callout>
    );
  }
  if (state === 'succeeded' && plan && !plan.hasChanges && (operation === 'apply' || operation === 'destroy')) {
    return <Callout tone="neutral">There was nothing to do: what is deployed is what the configuration says.</Callout>;
  }
  return null;
}
