import { changesHowProgramsLoad, ENVIRONMENT_NAME, type GrantedJob } from '@dibs/shared';

/** What a job brings for the environment of its steps. */
export type JobEnvironment = Pick<GrantedJob, 'secrets'> & { readonly spec: Pick<GrantedJob['spec'], 'env'> };

/**
 * The server refuses most of these names already. Asked here again, because what is checked here must hold against a server
 * that lies too.
 *
 * @returns the first variable that would make something else run than what was checked, as a half sentence; null: there is none
 */
export function problemOfJobEnvironment({ spec, secrets }: JobEnvironment): string | null {
  const bad = [...Object.keys(spec.env), ...Object.keys(secrets)].find(
    (name) =>
      !ENVIRONMENT_NAME.test(name) || changesHowProgramsLoad(name) || FOUND_BY.has(name) || ENGINE_NAMES.test(name),
  );
  return bad === undefined ? null : `the environment sets ${JSON.stringify(bad)}, which can change what is run`;
}

/** Where programs and their settings are found. */
const FOUND_BY: ReadonlySet<string> = new Set(['PATH', 'HOME']);
/** More arguments, other binaries of providers, other settings of the engine. */
const ENGINE_NAMES = /^(?:TF_CLI_|TF_DATA_DIR|TF_REATTACH_PROVIDERS|TOFU_CLI_|PULUMI_HOME)/;
