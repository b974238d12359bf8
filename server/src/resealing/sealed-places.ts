/** Where sealed values are kept. The context is what each is bound to, and as it was bound by whoever sealed it. */
export interface SealedPlace {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** SQL of the row `t`. */
  readonly context: string;
  /** SQL of the row `t`: others are let be. */
  readonly where?: string;
}

const settingsOf = (level: string, table: string): SealedPlace => ({
  name: `settings of ${table}`,
  table,
  column: 'sealed_settings',
  context: `'settings:${level}:' || t.id`,
});

export const SEALED_PLACES: readonly SealedPlace[] = [
  settingsOf('organization', 'organizations'),
  settingsOf('stack', 'stacks'),
  settingsOf('namespace', 'namespaces'),
  settingsOf('module', 'modules'),
  {
    name: 'outputs',
    table: 'module_outputs',
    column: 'sealed',
    context: `'output:' || t.module_id || ':' || t.name`,
  },
  {
    name: 'plans',
    table: 'engine_plan_pieces',
    column: 'sealed',
    context: `'plan:' || t.job_id || ':' || t.attempt || ':' || t.upload_id || ':' || t.piece`,
  },
  {
    name: 'uploaded archives',
    table: 'source_archive_pieces',
    column: 'sealed',
    context: `'archive:' || t.organization_id || ':' || t.upload_id || ':' || t.piece`,
  },
  {
    name: 'secrets of jobs',
    table: 'job_submissions',
    column: 'secrets',
    context: `'job:' || t.id`,
    // there may be millions of the others, and only a retry would ask for their secrets again
    where: `EXISTS (
      SELECT FROM jobs j WHERE j.organization_id = t.organization_id AND j.id = t.id
        AND j.state IN ('waiting', 'queued', 'claimed', 'running'))`,
  },
];
