/** What a prepared shell is to become. */
export interface ExecOrder {
  /** argv; the program by its absolute path. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Complete. */
  readonly env: Readonly<Record<string, string>>;
}

/** Said by the shell on descriptor 4 when all that is left to do is the exec. */
export const RUNS = 'r';

/**
 * The order in words of /bin/sh. One compound command: a shell that gets only a part of it, because the runner was killed
 * while it wrote, does nothing at all. What can fail before the program runs fails silently; then nothing was said.
 *
 * Descriptors 3 and 4 close with the exec and not before: shells keep a copy, closed by exec, of what they redirect.
 * @param base the environment that the shell was started with
 * @returns null: a shell cannot be trusted to pass this on unchanged, or it would take it too long
 */
export function execOrder(base: Readonly<Record<string, string>>, { command, cwd, env }: ExecOrder): string | null {
  const changed = Object.entries(env).filter(([name, value]) => base[name] !== value);
  const extra = Object.keys(base).filter((name) => env[name] === undefined);
  if (!Object.keys(env).every(isPlainName)) return null;
  const exported = changed.map(([name, value]) => ` ${name}=${quoted(value)}`).join('');
  const order = [
    `{ { cd -- ${quoted(cwd)} && unset ${[...extra, ...SET_BY_SHELLS].join(' ')}`,
    exported === '' ? '' : ` && export${exported}`,
    ` && echo ${RUNS} >&4; } 2>/dev/null && exec ${command.map(quoted).join(' ')} </dev/null 3>&- 4>&-; exit ${NOT_RUN}; }\n`,
  ].join('');
  return order.includes('\0') || order.length > MAX_ORDER_LENGTH ? null : order;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Variables that shells put into the environment of what they start. */
const SET_BY_SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'] as const;

/** Nobody gets to see it: what was not run is started in another way. */
const NOT_RUN = 125;

/** Some shells read every byte of an order with a call of its own. */
const MAX_ORDER_LENGTH = 16_384;

/** Names that some shell gives a meaning, refuses to set, or sets by itself (dash, bash, busybox, ksh, zsh). */
const SPECIAL_NAMES = new RegExp(
  `^(?:${[
    ...SET_BY_SHELLS,
    'IFS|PPID|U?ID|E?UID|E?GID|GROUPS|USERNAME|PGRP|HOSTTYPE|MACHTYPE|OSTYPE|CPUTYPE|VENDOR',
    'ENV|FPATH|CDPATH|MAIL.*|PS\\d|PROMPT.*|RPROMPT.*|RPS\\d|OPT(?:ARG|ERR|IND)|REPLY|LINENO|RANDOM|SRANDOM|SECONDS|EPOCH.*',
    'BASH.*|SHELLOPTS|POSIXLY_CORRECT|KSH.*|ZSH.*|ZDOTDIR|FUNCNAME|FUNCNEST|FUNCTION_ARGZERO|PIPESTATUS|DIRSTACK|COMP_.*|COPROC.*',
    'HIST.*|FCEDIT|IGNOREEOF|TMOUT|GLOBIGNORE|EXECIGNORE|TIMEFORMAT|INPUTRC|COLUMNS|LINES|SIGNALS|ERRNO|ATTY',
  ].join('|')})$`,
);

function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SPECIAL_NAMES.test(name);
}
