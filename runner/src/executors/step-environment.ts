import { delimiter, isAbsolute } from 'node:path';
import { ATTEMPT_VARIABLE, JOB_VARIABLE } from '../process/process-table.js';

export interface StepEnvironmentInput {
  readonly hostEnv: HostEnvironment;
  readonly jobId: string;
  readonly attempt: number;
  /** Zero-based. */
  readonly step: number;
  readonly runnerName: string;
  readonly instanceName: string;
  readonly tmpDir: string;
  /** Folders put before PATH (Engine.AdditionalBinaryPaths). */
  readonly extraPathDirs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * All that a step inherits from the host. HOME is the runner's own, because that is where people put the credentials
 * that jobs on this host are meant to have (git, ssh, terraform, docker); a runner for untrusted jobs needs a user of its
 * own. The proxy and certificate variables describe the host's network, without which nothing can be fetched.
 */
const FROM_HOST = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
] as const;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The complete environment of one step, built from empty: host basics, then the job's `env`, then its secrets. What Dibs
 * itself says comes last and cannot be overridden, because the tree is found by it after a crash.
 * Throws an Error that says which variable cannot be in an environment.
 */
export function stepEnvironment(input: StepEnvironmentInput): Record<string, string> {
  const environment: Record<string, string> = {
    ...hostBasics(input.hostEnv, input.extraPathDirs),
    TMPDIR: input.tmpDir,
    // No terminal: tools that look for one must not draw progress bars or wait for keys. Colours stay the tool's choice.
    TERM: 'dumb',
    CI: 'true',
  };
  for (const [name, value] of [...Object.entries(input.env), ...Object.entries(input.secrets)]) {
    refuseUnusable(name, value);
    environment[name] = value;
  }
  return {
    ...environment,
    [JOB_VARIABLE]: input.jobId,
    [ATTEMPT_VARIABLE]: String(input.attempt),
    DIBS_STEP: String(input.step),
    DIBS_RUNNER: input.runnerName,
    DIBS_INSTANCE: input.instanceName,
  };
}

/** PATH and what else processes started by Dibs get from the host; never the runner's settings or credentials. */
export function hostBasics(hostEnv: HostEnvironment, extraPathDirs: readonly string[] = []): Record<string, string> {
  const basics: Record<string, string> = {
    PATH: [...extraPathDirs.filter(isAbsolute), hostEnv.PATH || DEFAULT_PATH].join(delimiter),
  };
  for (const name of FROM_HOST) {
    const value = hostEnv[name];
    if (value !== undefined) basics[name] = value;
  }
  // Without a locale many tools print non-ASCII text as question marks.
  if (!basics.LANG && !basics.LC_ALL) basics.LANG = 'C.UTF-8';
  return basics;
}

/** Values are not in the message: they may be secrets. */
function refuseUnusable(name: string, value: string): void {
  if (name === '' || name.includes('=') || name.includes('\0')) {
    throw new Error(`${JSON.stringify(name)} cannot be the name of an environment variable`);
  }
  if (value.includes('\0')) throw new Error(`the value of environment variable ${name} contains a NUL`);
}
