import { engineVariable } from '@dibs/shared';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { EngineRefusal, operand, type EngineContext } from './engine.js';

export function configFile(privateDir: string): string {
  return join(privateDir, 'pulumi-config.yaml');
}

export interface SecretConfig {
  readonly key: string;
  /** Holds the value. */
  readonly file: string;
}

/**
 * Writes the configuration of the stack: what lies in the source for it, and over that the variables that are no secrets.
 * @returns the secret ones, which pulumi itself has to encrypt: each value in a file of its own, never among arguments
 */
export function writeConfig({ spec, workspace, env, secretNames }: EngineContext, stack: string): SecretConfig[] {
  const { stepDir, privateDir } = workspace;
  // a stack may be named with its organization and project
  const settings = readDocument(stepDir, `Pulumi.${stack.split('/').at(-1)}`) ?? {};
  const config: Record<string, unknown> = { ...(settings.config as Record<string, unknown> | undefined) };
  const secrets: SecretConfig[] = [];
  for (const variable of spec.variables) {
    const name = engineVariable('pulumi', variable);
    const value = env[name];
    if (value === undefined) throw new EngineRefusal('step_failed', `The variable ${variable} has no value.`);
    const key = operand('a setting', qualified(variable, stepDir));
    if (!secretNames.has(name)) config[key] = value;
    else {
      const file = join(privateDir, `pulumi-secret-${secrets.length}`);
      // pulumi takes one line end away
      writeFileSync(file, `${value}\n`, { mode: 0o600 });
      secrets.push({ key, file });
    }
  }
  writeFileSync(configFile(privateDir), stringify({ ...settings, config }), { mode: 0o600 });
  return secrets;
}

/** In these files, unlike on the command line, a setting without a namespace is not taken for one of the project. */
function qualified(variable: string, stepDir: string): string {
  if (variable.includes(':')) return variable;
  const project = readDocument(stepDir, 'Pulumi')?.name;
  if (typeof project === 'string') return `${project}:${variable}`;
  throw new EngineRefusal('step_failed', 'There is no Pulumi.yaml with the name of a project where the steps run.');
}

/** JSON is YAML too. null: there is no such file. @throws EngineRefusal */
function readDocument(folder: string, name: string): Record<string, unknown> | null {
  const file = ['yaml', 'yml', 'json'].map((end) => join(folder, `${name}.${end}`)).find((path) => existsSync(path));
  if (file === undefined) return null;
  try {
    return (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
  } catch (cause) {
    throw new EngineRefusal('step_failed', `${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
