import { mkdirSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { PreparedPaths } from '../storage/prepared-paths.js';
import { makeFolders } from '../workspace/workspace.js';

/** What each attempt needs on disk: its journal entry, the folder of its log, the folders of its workspace, a step's script. */
export type AttemptPaths = PreparedPaths<'entry' | 'spool' | 'workspace' | 'script'>;

/** @param slots how many attempts may begin at once */
export function attemptPaths(folder: string, slots: number, log: Logger): AttemptPaths {
  return new PreparedPaths({
    folder,
    count: Math.min(slots, MAX_PREPARED),
    makers: {
      entry: makeFile,
      spool: (path) => mkdirSync(path, { mode: 0o700 }),
      workspace: makeFolders,
      script: makeFile,
    },
    log,
  });
}

const MAX_PREPARED = 4;

function makeFile(path: string): void {
  writeFileSync(path, '', { mode: 0o600 });
}
