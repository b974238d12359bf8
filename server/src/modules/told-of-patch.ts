import type { ModuleSettingsPatch } from '@dibs/shared';

/** A change of settings as the audit trail tells it: of inputs and files the names only, since some are secrets. */
export function toldOfPatch({ variables, environment, files, ...rest }: ModuleSettingsPatch): object {
  const named = { variables: namesOf(variables), environment: namesOf(environment), files: namesOf(files) };
  return { ...rest, ...named };
}

/** Undefined, which JSON leaves out: nothing was said about them. null: all were taken away. */
function namesOf(entries: object | null | undefined): readonly string[] | null | undefined {
  return entries && Object.keys(entries);
}
