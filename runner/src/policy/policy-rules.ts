import type { EngineName, GrantedJob, JobSpec, PlanSummary, SourceSpec } from '@dibs/shared';
import semver from 'semver';
import { isCovered } from './glob.js';
import { problemOfJobEnvironment } from './job-environment.js';
import type { Policy } from './policy.schema.js';

/** What this runner knows beside the job. */
export interface PolicyContext {
  /** null: it is not here, or does not tell. */
  readonly engineVersion: (engine: EngineName) => string | null;
  readonly hooksPreapproved: boolean;
}

export type JobToJudge = Pick<GrantedJob, 'secrets'> & {
  readonly spec: Pick<JobSpec, 'steps' | 'source' | 'files' | 'env' | 'engine'>;
};

/** @returns which rule forbids it, and why, as a sentence; null: none */
export function ruleAgainstJob(policy: Policy, job: JobToJudge, context: PolicyContext): string | null {
  const { spec } = job;
  return (
    againstScripts(policy, spec, context) ??
    againstSources(policy, spec) ??
    (spec.engine === undefined ? null : againstEngine(policy, spec.engine, context)) ??
    (spec.engine === undefined ? null : problemOfJobEnvironment(job))
  );
}

/** Of the plan that is about to be applied. */
export function ruleAgainstPlan({ maximumDestroys }: Policy, { destroy }: Pick<PlanSummary, 'destroy'>): string | null {
  if (maximumDestroys === undefined || destroy <= maximumDestroys) return null;
  return `maximumDestroys: the plan destroys ${destroy}, and ${maximumDestroys} are allowed`;
}

function againstScripts(
  { scripts }: Policy,
  { steps, engine }: JobToJudge['spec'],
  { hooksPreapproved }: PolicyContext,
): string | null {
  if (scripts) return null;
  // whatever is not known to be something else is run as a script
  const script = steps.find(({ part }) =>
    part?.type === 'hook' ? !hooksPreapproved : part?.type !== 'engine' || engine === undefined,
  );
  if (script === undefined) return null;
  return script.part?.type === 'hook'
    ? `scripts: the hook ${script.name} is a script, and HooksPreapproval is not enabled`
    : `scripts: the step ${JSON.stringify(script.name)} is a script`;
}

function againstSources({ sources }: Policy, { source, files, engine }: JobToJudge['spec']): string | null {
  if (sources === undefined) return null;
  const refused = source === null ? null : againstSource(sources, source);
  if (refused !== null) return refused;
  const file = files.find(({ path }) => !sources.files.some((pattern) => isCovered(pattern, path)));
  if (file !== undefined) return `sources.files: ${JSON.stringify(file.path)} is not covered by any pattern`;
  const flags = Object.values(engine?.flags ?? {}).flat();
  const flag = flags.find((each) => !sources.flags.some((pattern) => isCovered(pattern, each)));
  return flag === undefined ? null : `sources.flags: ${JSON.stringify(flag)} is not covered by any pattern`;
}

function againstSource({ git, archives }: NonNullable<Policy['sources']>, source: SourceSpec): string | null {
  if (source.type === 'git') {
    if (git.some((pattern) => isCovered(pattern, source.url))) return null;
    return `sources.git: ${withoutPassword(source.url)} is not covered by any pattern`;
  }
  if (archives.some((pattern) => isCovered(pattern, source.sha256))) return null;
  return `sources.archives: ${JSON.stringify(source.sha256)} is not covered by any pattern`;
}

function againstEngine(
  { engines, commands }: Policy,
  { name, command }: NonNullable<JobSpec['engine']>,
  { engineVersion }: PolicyContext,
): string | null {
  if (commands !== undefined && !commands.includes(command)) return `commands: ${command} is not listed`;
  if (engines === undefined) return null;
  const range = engines[name];
  if (range === undefined) return `engines: ${name} is not listed`;
  if (range.trim() === '*') return null;
  const version = engineVersion(name);
  const parsed = version === null ? null : (semver.parse(version) ?? semver.coerce(version));
  if (parsed === null) return `engines: the version of ${name} is not known, and ${range} is demanded`;
  return semver.satisfies(parsed, range, { includePrerelease: true })
    ? null
    : `engines: ${name} is ${parsed.version} here, and ${range} is demanded`;
}

/** It goes to the log of the job. */
function withoutPassword(url: string): string {
  return JSON.stringify(url.replace(/^([^/]*\/\/)?[^/]*@/, '$1…@'));
}
