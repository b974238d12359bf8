/** Taken out of the environment again before the first line of the script. */
const VARIABLE = 'DIBS_HOOK_SCRIPT';

/**
 * A script that is never in a file: other jobs run as the same user, and could write to one between its check and the moment
 * when the shell reads it, which is as long as the script runs. A pipe could be written to through /proc just as well. The
 * environment is copied by the kernel when the shell starts, and shown to nobody else, as arguments are.
 *
 * The words before the script stand on its first line, so that errors name the right one.
 * @param name what the shell calls the script in its messages
 */
export function scriptInMemory(script: string, name: string) {
  return { args: ['-c', `eval "unset ${VARIABLE}; \${${VARIABLE}}"`, name], env: { [VARIABLE]: script } };
}
