import type { ModuleSettings } from '@dibs/shared';
import type { SettingsSecrets } from '../domain/modules/merge-settings.js';
import { JOB_LIMITS as LIMITS } from '../jobs/spec/job-limits.js';
import { problemOfPathsTogether } from './module-files.js';

interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with all that a level sets after a change, where each part of the change was right by itself. */
export function problemOfSettings(settings: ModuleSettings, secrets: SettingsSecrets): SettingsProblem | null {
  for (const kind of ['variables', 'environment'] as const) {
    const inputs = Object.entries(settings[kind] ?? {});
    if (inputs.length > LIMITS.environmentEntries) {
      return { path: `settings.${kind}`, message: `must have at most ${LIMITS.environmentEntries} entries in all` };
    }
    const literals = inputs.map(([name, input]) => name + (input.type === 'literal' ? input.value : ''));
    if (bytesOf([...literals, ...Object.values(secrets[kind])]) > LIMITS.environmentBytes) {
      return { path: `settings.${kind}`, message: `must have at most ${LIMITS.environmentBytes} bytes in sum` };
    }
  }
  return problemOfFiles(settings.files ?? {});
}

function problemOfFiles(files: NonNullable<ModuleSettings['files']>): SettingsProblem | null {
  const path = 'settings.files';
  const paths = Object.keys(files);
  if (paths.length > LIMITS.files) return { path, message: `must have at most ${LIMITS.files} files in all` };
  const contents = Object.values(files).map((file) => (file.type === 'text' ? file.content : ''));
  if (bytesOf(contents) > LIMITS.filesBytes) {
    return { path, message: `must have at most ${LIMITS.filesBytes} bytes of content in sum` };
  }
  const message = problemOfPathsTogether(paths);
  return message === null ? null : { path, message };
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
