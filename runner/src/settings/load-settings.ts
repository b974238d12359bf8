import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { overlayEnvironment, variablesOf, VARIABLES, type Environment } from './environment.js';
import { SettingsError } from './settings-error.js';
import { SETTINGS_SCHEMA, type RawSettings } from './settings.schema.js';
import type { IdentitySettings, RunnerSettings } from './settings.js';

/**
 * Reads `runner.json` (RUNNER_CONFIG or ./runner.json; it may be absent unless named), lays the environment over it
 * and checks the whole.
 * @throws SettingsError with one line for the first bad or missing setting
 */
export function loadSettings(env: Environment, cwd: string): RunnerSettings {
  const file = readSettingsFile(env, cwd);
  const { settings, origins } = overlayEnvironment(file.content, env);
  const checked = SETTINGS_SCHEMA.safeParse(settings);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new SettingsError(describeIssue(issue ?? { path: [], message: 'bad settings' }, origins, file.path));
  }
  return freezeDeep(toSettings(checked.data, readTimeScale(env), cwd));
}

/** Variables that hold secrets: to be taken out of the environment once they are read. */
export function secretVariables(): string[] {
  return Object.keys(VARIABLES).filter((name) => VARIABLES[name]?.secret);
}

function readSettingsFile(env: Environment, cwd: string): { path: string; content: Record<string, unknown> } {
  const named = env['RUNNER_CONFIG'];
  const path = resolve(cwd, named || 'runner.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    if (code === 'ENOENT' && !named) return { path, content: {} };
    throw new SettingsError(`RUNNER_CONFIG must name a readable JSON file; ${path} is not (${code})`, { cause });
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      return { path, content: content as Record<string, unknown> };
    }
  } catch (cause) {
    throw new SettingsError(`${path} must be JSON: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  throw new SettingsError(`${path} must hold one JSON object`);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string;
  readonly keys?: readonly string[];
}

function describeIssue(issue: Issue, origins: ReadonlyMap<string, string>, file: string): string {
  if (issue.code === 'unrecognized_keys') {
    const names = (issue.keys ?? []).map((key) => [...issue.path, key].join('.'));
    return `${names.join(', ')} in ${file}: there is no such setting`;
  }
  const key = issue.path.slice(0, 2).join('.');
  const variable = origins.get(key);
  if (variable) return `${variable} ${issue.message}`;
  const [setBy] = variablesOf(key);
  const name = setBy ? `${setBy} (${key} in runner.json)` : issue.path.join('.');
  return `${name} ${issue.message}`;
}

function toSettings(raw: RawSettings, timeScale: number, cwd: string): RunnerSettings {
  const workDir = resolve(cwd, raw.WorkingDirectory.WorkingDirectory);
  const temp = raw.WorkingDirectory.TempDirectory;
  return {
    link: {
      serverUrl: raw.Runner.ServerUrl.replace(/\/+$/, ''),
      instance: raw.Runner.Instance ?? hostname(),
      identity: toIdentity(raw.Runner),
    },
    capacity: {
      slots: raw.Runner.MaxConcurrentJobs,
      standingClaims: raw.Runner.StandingClaims,
      labels: raw.Runner.Labels,
      extraTools: raw.Runner.Tools,
      minimumFreeBytes: raw.Runner.MinimumFreeDiskMebibytes * 1024 * 1024,
    },
    workDir,
    workspace: {
      root: temp ? join(resolve(cwd, temp), `dibs-${shortHash(workDir)}`) : join(workDir, 'workspaces'),
      cloneDepth: raw.Runner.CloneDepth,
      allowFileUrls: raw.Runner.AllowFileUrls,
      additionalBinaryPaths: raw.Engine.AdditionalBinaryPaths.map((path) => resolve(cwd, path)),
    },
    gate: {
      preapprovedHooks: toHooksFolder(raw.HooksPreapproval, cwd),
      policyFile: raw.Runner.PolicyFile === undefined ? null : resolve(cwd, raw.Runner.PolicyFile),
    },
    logStream: {
      idlePeriodMs:
        raw.JobLogStream.PeriodSeconds === undefined ? null : raw.JobLogStream.PeriodSeconds * 1000 * timeScale,
      maxBatchLines: raw.JobLogStream.BatchSizeLimit ?? null,
    },
    logLevel: raw.Logging.LogLevel,
    drainTimeoutMs: raw.Runner.DrainTimeoutSeconds * 1000 * timeScale,
    timeScale,
  };
}

/** Several runners may name one TempDirectory; each removes what it finds in its own part of it. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** A folder that is named counts unless it is said that it does not. */
function toHooksFolder(
  { Enabled, PreapprovedHooksDirectory: folder }: RawSettings['HooksPreapproval'],
  cwd: string,
): string | null {
  if (Enabled === true && folder === undefined) {
    throw new SettingsError(
      'RUNNER_HOOKS_DIRECTORY (HooksPreapproval.PreapprovedHooksDirectory in runner.json) must be set when RUNNER_HOOKS_PREAPPROVAL is true',
    );
  }
  return folder === undefined || Enabled === false ? null : resolve(cwd, folder);
}

function toIdentity(raw: RawSettings['Runner']): IdentitySettings {
  if (raw.Token !== undefined) {
    if (raw.ClientId !== undefined || raw.ClientSecret !== undefined) {
      throw new SettingsError('RUNNER_TOKEN must not be set together with RUNNER_CLIENT_ID or RUNNER_CLIENT_SECRET');
    }
    if (raw.Name === undefined) {
      throw new SettingsError('RUNNER_NAME (Runner.Name in runner.json) must be set together with RUNNER_TOKEN');
    }
    return { kind: 'apiToken', token: raw.Token, runnerName: raw.Name };
  }
  if (raw.ClientId === undefined || raw.ClientSecret === undefined) {
    const missing = raw.ClientId === undefined ? 'RUNNER_CLIENT_ID' : 'RUNNER_CLIENT_SECRET';
    throw new SettingsError(
      `${missing} must be set: RUNNER_CLIENT_ID and RUNNER_CLIENT_SECRET of the runner, or RUNNER_TOKEN and RUNNER_NAME`,
    );
  }
  return { kind: 'credentials', clientId: raw.ClientId, clientSecret: raw.ClientSecret };
}

function readTimeScale(env: Environment): number {
  const text = env['TIME_SCALE'] || '1';
  const value = Number(text);
  if (!(value > 0 && value <= 100)) throw new SettingsError('TIME_SCALE must be a number above 0, at most 100');
  return value;
}

function freezeDeep<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freezeDeep(part as object);
  return Object.freeze(value);
}
