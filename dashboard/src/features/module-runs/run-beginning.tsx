import type { ModuleRun, RunTrigger } from '@dibs/shared';

const CAUSES = {
  request: null,
  upstream_output: 'because an output it takes changed',
  definition_changed: 'because its definition changed',
  source_changed: 'because its source changed',
  scope_run: null,
} as const satisfies Record<RunTrigger, string | null>;

/** Who or what began a run, after "started". */
export function RunBeginning({ run: { trigger, createdBy } }: { readonly run: ModuleRun }) {
  const cause = CAUSES[trigger];
  if (cause !== null) return cause;
  return (
    <>
      by <bdi>{createdBy}</bdi>
      {trigger === 'scope_run' && ', with everything around it'}
    </>
  );
}
