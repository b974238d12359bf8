import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { SettingsError } from './settings-error.js';

/** Where an environment variable goes in `runner.json`, and how its text is read. */
interface Variable {
  readonly path: readonly [group: string, name: string];
  readonly read: (text: string, variable: string) => unknown;
  /** Secrets may come from the file named by `<VARIABLE>_FILE` instead. */
  readonly secret?: true;
}

/** Earlier names win where two variables mean one setting. */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  RUNNER_SERVER_URL: { path: ['Runner', 'ServerUrl'], read: asText },
  RUNNER_CLIENT_ID: { path: ['Runner', 'ClientId'], read: asText, secret: true },
  RUNNER_CLIENT_SECRET: { path: ['Runner', 'ClientSecret'], read: asText, secret: true },
  RUNNER_TOKEN: { path: ['Runner', 'Token'], read: asText, secret: true },
  RUNNER_NAME: { path: ['Runner', 'Name'], read: asText },
  RUNNER_INSTANCE: { path: ['Runner', 'Instance'], read: asText },
  RUNNER_MAX_CONCURRENT_JOBS: { path: ['Runner', 'MaxConcurrentJobs'], read: asNumber },
  RUNNER_STANDING_CLAIMS: { path: ['Runner', 'StandingClaims'], read: asBoolean },
  RUNNER_CLONE_DEPTH: { path: ['Runner', 'CloneDepth'], read: asNumber },
  RUNNER_LABELS: { path: ['Runner', 'Labels'], read: asLabels },
  RUNNER_TOOLS: { path: ['Runner', 'Tools'], read: asList(',') },
  RUNNER_DRAIN_TIMEOUT: { path: ['Runner', 'DrainTimeoutSeconds'], read: asNumber },
  RUNNER_ALLOW_FILE_URLS: { path: ['Runner', 'AllowFileUrls'], read: asBoolean },
  RUNNER_MIN_FREE_DISK_MB: { path: ['Runner', 'MinimumFreeDiskMebibytes'], read: asNumber },
  RUNNER_WORK_DIR: { path: ['WorkingDirectory', 'WorkingDirectory'], read: asText },
  RUNNER_POLICY_FILE: { path: ['Runner', 'PolicyFile'], read: asText },
  RUNNER_HOOKS_PREAPPROVAL: { path: ['HooksPreapproval', 'Enabled'], read: asBoolean },
  RUNNER_HOOKS_DIRECTORY: { path: ['HooksPreapproval', 'PreapprovedHooksDirectory'], read: asText },
  HooksPreapproval__Enabled: { path: ['HooksPreapproval', 'Enabled'], read: asBoolean },
  HooksPreapproval__PreapprovedHooksDirectory: {
    path: ['HooksPreapproval', 'PreapprovedHooksDirectory'],
    read: asText,
  },
  WorkingDirectory__WorkingDirectory: { path: ['WorkingDirectory', 'WorkingDirectory'], read: asText },
  WorkingDirectory__TempDirectory: { path: ['WorkingDirectory', 'TempDirectory'], read: asText },
  Engine__AdditionalBinaryPaths: { path: ['Engine', 'AdditionalBinaryPaths'], read: asList(delimiter) },
  JobLogStream__PeriodSeconds: { path: ['JobLogStream', 'PeriodSeconds'], read: asNumber },
  JobLogStream__BatchSizeLimit: { path: ['JobLogStream', 'BatchSizeLimit'], read: asNumber },
  Logging__LogLevel: { path: ['Logging', 'LogLevel'], read: asText },
  LOG_LEVEL: { path: ['Logging', 'LogLevel'], read: asText },
};

export type Environment = Readonly<Record<string, string | undefined>>;
type Groups = Record<string, unknown>;

/**
 * Lays the environment over what the file says.
 * @returns the merged settings, unchecked, and for each overlaid path the variable it came from
 */
export function overlayEnvironment(file: Groups, env: Environment): { settings: Groups; origins: Map<string, string> } {
  const settings: Groups = structuredClone(file);
  const origins = new Map<string, string>();
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = readVariable(name, variable, env);
    const key = variable.path.join('.');
    if (value === null || origins.has(key)) continue;
    const [groupName, settingName] = variable.path;
    const group = settings[groupName] ?? {};
    if (typeof group !== 'object' || group === null) continue; // the schema complains about the group
    settings[groupName] = { ...group, [settingName]: variable.read(value.text, value.name) };
    origins.set(key, value.name);
  }
  return { settings, origins };
}

/** The variables that set this path, most telling first. */
export function variablesOf(path: string): string[] {
  return Object.keys(VARIABLES).filter((name) => VARIABLES[name]?.path.join('.') === path);
}

/** An empty variable counts as absent: compose files pass unset ones on as empty. */
function readVariable(name: string, variable: Variable, env: Environment): { name: string; text: string } | null {
  const direct = env[name];
  if (direct) return { name, text: direct };
  const fileVariable = `${name}_FILE`;
  const path = variable.secret && env[fileVariable];
  if (!path) return null;
  try {
    return { name: fileVariable, text: readFileSync(path, 'utf8').trim() };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new SettingsError(`${fileVariable} must name a readable file; ${path} is not (${code})`, { cause });
  }
}

function asText(text: string): string {
  return text;
}

/** What is no number stays text, so that the schema refuses it with its own words. */
function asNumber(text: string): unknown {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

function asBoolean(text: string): unknown {
  return { true: true, false: false }[text.toLowerCase()] ?? text;
}

function asList(separator: string): (text: string) => string[] {
  return (text) =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== '');
}

function asLabels(text: string, variable: string): Record<string, string> {
  const labels: [string, string][] = [];
  for (const part of asList(',')(text)) {
    const at = part.indexOf('=');
    if (at < 1) throw new SettingsError(`${variable} must be labels like zone=eu,disk=ssd; "${part}" is none`);
    labels.push([part.slice(0, at).trim(), part.slice(at + 1).trim()]);
  }
  return Object.fromEntries(labels);
}
