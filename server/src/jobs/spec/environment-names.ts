import { changesHowProgramsLoad, ENVIRONMENT_NAME } from '@dibs/shared';

export const MAX_ENVIRONMENT_NAME_LENGTH = 256;

/**
 * Whether a job may set it for its steps from outside. A step that needs one of those that are refused sets it in its own
 * script, in plain sight.
 *
 * @returns what is wrong with the name, as a half sentence; null: nothing
 */
export function problemOfEnvironmentName(name: string): string | null {
  if (name.length > MAX_ENVIRONMENT_NAME_LENGTH) return `is longer than ${MAX_ENVIRONMENT_NAME_LENGTH} characters`;
  if (!ENVIRONMENT_NAME.test(name)) return 'must be letters, digits and _, not starting with a digit';
  if (name.startsWith('DIBS_')) return 'must not start with DIBS_, which is reserved';
  if (changesHowProgramsLoad(name)) {
    return 'is refused because it changes how programs are loaded; set it inside the step that needs it';
  }
  return null;
}
