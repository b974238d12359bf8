import { hostBasics, type HostEnvironment } from '../executors/step-environment.js';
import { LineSplitter } from '../logs/line-splitter.js';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import { findExecutable } from '../process/find-executable.js';
import type { ProcessMarker } from '../process/process-table.js';
import { spawnTree } from '../process/process-tree.js';
import type { GitRemote } from './git-url.js';

export interface GitOptions {
  /** The folder of the repository. */
  readonly dir: string;
  readonly remote: GitRemote;
  readonly marker: ProcessMarker;
  readonly hostEnv: HostEnvironment;
  readonly cgroupRoot: CgroupRoot | null;
  readonly pipeGraceMs: number;
  readonly onOutput: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Settings for every call, stronger than what the host or the repository configures: no hooks or templates, nothing
 * that runs in the background, no submodules, no program that asks a person.
 */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'init.templateDir=',
  'init.defaultBranch=main',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.detachedHead=false',
  'protocol.ext.allow=never',
];

/** Says user and password to git alone: neither the list of processes nor the repository's config shows them. */
const CREDENTIAL_HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$DIBS_GIT_USERNAME" "$DIBS_GIT_PASSWORD"; }; f';

/**
 * Runs git with these arguments, without any shell. Its output goes to `onOutput` unless `quiet`.
 * Rejects with `signal.reason` when aborted (git and its helpers are killed), and with an Error when it cannot be started.
 */
export async function git(
  { dir, remote, marker, hostEnv, cgroupRoot, pipeGraceMs, onOutput, signal }: GitOptions,
  args: readonly string[],
  quiet = false,
  maxOutputLength = 4_096,
): Promise<{ ok: boolean; stdout: string }> {
  signal.throwIfAborted();
  const env = gitEnvironment(hostEnv, remote);
  const program = findExecutable('git', env.PATH);
  if (program === null) throw new Error("there is no git on this runner's PATH");
  let stdout = '';
  const sink = () => {
    const lines = new LineSplitter();
    const tell = (texts: string[]) => texts.forEach((text) => quiet || onOutput(lastFrame(text)));
    return { push: (chunk: Buffer) => tell(lines.push(chunk)), flush: () => tell(lines.flush()) };
  };
  const [out, err] = [sink(), sink()];
  const settings = [
    ...SETTINGS,
    ...(remote.credentials ? ['credential.helper=', `credential.helper=${CREDENTIAL_HELPER}`] : []),
  ];
  const tree = spawnTree({
    command: [program, ...settings.flatMap((setting) => ['-c', setting]), ...args],
    cwd: dir,
    env,
    marker,
    cgroupRoot,
    pipeGraceMs,
    onStdout: (chunk) => {
      if (stdout.length < maxOutputLength) stdout += chunk.toString('utf8');
      out.push(chunk);
    },
    onStderr: (chunk) => err.push(chunk),
  });
  const kill = () => void tree.kill();
  signal.addEventListener('abort', kill);
  const end = await tree.ended;
  signal.removeEventListener('abort', kill);
  out.flush();
  err.flush();
  signal.throwIfAborted();
  if (end.spawnError) throw end.spawnError;
  return { ok: end.exitCode === 0, stdout: stdout.trim() };
}

/** From empty: no GIT_* of the host gets through, and none of the job's. HOME is the runner's, with its ssh keys and ~/.gitconfig. */
function gitEnvironment(hostEnv: HostEnvironment, { protocol, credentials }: GitRemote): Record<string, string> {
  return {
    ...hostBasics(hostEnv),
    ...(hostEnv.SSH_AUTH_SOCK ? { SSH_AUTH_SOCK: hostEnv.SSH_AUTH_SOCK } : {}),
    LC_ALL: 'C.UTF-8',
    // Also for redirects, and stronger than any protocol.*.allow.
    GIT_ALLOW_PROTOCOL: protocol === 'file' ? 'file' : 'https:http:ssh',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    ...(credentials ? { DIBS_GIT_USERNAME: credentials.username, DIBS_GIT_PASSWORD: credentials.password } : {}),
  };
}

/** Progress is drawn over itself with carriage returns: the last picture is the line. */
function lastFrame(text: string): string {
  return text.split('\r').at(-1) ?? text;
}
