/**
 * Names that a job may not set for its steps from outside. Each of them makes a loader, shell, interpreter or git run
 * code or read files before the step's own first line, which hides what a job does from whoever reads its steps (and
 * from hooks that were approved by their hash). A step that needs one sets it in its own script, in plain sight.
 */
const REFUSED_PREFIXES = ['LD_', 'DYLD_', 'GIT_', 'DIBS_', 'MALLOC_'] as const;

const REFUSED_NAMES: ReadonlySet<string> = new Set([
  'ENV',
  'BASH_ENV',
  'BASHOPTS',
  'SHELLOPTS',
  'PROMPT_COMMAND',
  'PS4',
  'IFS',
  'NODE_OPTIONS',
  'NODE_PATH',
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PERL5LIB',
  'PERL5OPT',
  'PERL5DB',
  'RUBYLIB',
  'RUBYOPT',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'GCONV_PATH',
  'GLIBC_TUNABLES',
]);

export const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const MAX_ENVIRONMENT_NAME_LENGTH = 256;

/** @returns what is wrong with the name, as a half sentence; null: nothing */
export function problemOfEnvironmentName(name: string): string | null {
  if (name.length > MAX_ENVIRONMENT_NAME_LENGTH) return `is longer than ${MAX_ENVIRONMENT_NAME_LENGTH} characters`;
  if (!ENVIRONMENT_NAME.test(name)) return 'must be letters, digits and _, not starting with a digit';
  if (name.startsWith('DIBS_')) return 'must not start with DIBS_, which is reserved';
  if (REFUSED_NAMES.has(name) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    return 'is refused because it changes how programs are loaded; set it inside the step that needs it';
  }
  return null;
}
