import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Where a command is, by the search path given and not by the runner's own. Relative folders on the path are left out:
 * they would mean another program for every working folder.
 * @returns absolute path; null: not found, or not executable
 */
export function findExecutable(command: string, searchPath: string | undefined): string | null {
  if (isAbsolute(command)) return isExecutable(command) ? command : null;
  if (command === '' || command.includes('/')) return null;
  const folders = (searchPath ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, command)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
