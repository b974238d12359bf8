import type { ModuleSettingsPatch } from '@dibs/shared';

/**
 * A change of settings as the audit trail tells it: of inputs, files, hooks and settings of the backend the names only.
 * Some of them are secrets, people put passwords into others, and some are long.
 */
export function toldOfPatch(patch: ModuleSettingsPatch): object {
  const { variables, environment, files, hooks, backend, ...rest } = patch;
  const inputs = { variables: namesOf(variables), environment: namesOf(environment) };
  return { ...rest, ...inputs, files: namesOf(files), hooks: namesOf(hooks), backend: namesOf(backend) };
}

/** Undefined, which JSON leaves out: nothing was said about them. null: all were taken away. */
function namesOf(entries: object | null | undefined): readonly string[] | null | undefined {
  return entries && Object.keys(entries);
}
