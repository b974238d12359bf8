/**
 * Variables that make a loader, shell, interpreter or git run code or read files before the first line of a script, which
 * hides what a job does from whoever reads its steps, and from hooks that were approved by their hash.
 */
const PREFIXES = ['LD_', 'DYLD_', 'GIT_', 'MALLOC_'] as const;

const NAMES: ReadonlySet<string> = new Set([
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

/** Names that every shell takes for the name of a variable, and none for a function. */
export const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function changesHowProgramsLoad(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}
