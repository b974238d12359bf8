import type { ModuleSettingsPatch } from '@dibs/shared';

/** A change of settings as the audit trail tells it: of inputs, files and hooks the names only, since some are secrets and others long. */
export function toldOfPatch({ variables, environment, files, hooks, ...rest }: ModuleSettingsPatch): object {
  const inputs = { variables: namesOf(variables), environment: namesOf(environment) };
  return { ...rest, ...inputs, files: namesOf(files), hooks: namesOf(hooks) };
}

/** Undefined, which JSON leaves out: nothing was said about them. null: all were taken away. */
function namesOf(entries: object | null | undefined): readonly string[] | null | undefined {
  return entries && Object.keys(entries);
}
