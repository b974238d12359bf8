import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What lies in a folder of a runner's work dir. */
export function namesIn(workDir: string, folder: string): string[] {
  const path = join(workDir, folder);
  return existsSync(path) ? readdirSync(path) : [];
}

/** Everything that an attempt may leave in a work dir. */
export function namesInAll(workDir: string): string[] {
  return ['journal', 'results', 'spool', 'workspaces'].flatMap((folder) => namesIn(workDir, folder));
}
