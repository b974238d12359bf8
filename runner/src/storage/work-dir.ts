import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the runner keeps what must outlive its process. */
export interface WorkDir {
  /** Tells this folder from every other one of the host, also of another container. */
  readonly id: string;
  readonly lock: string;
  readonly credentials: string;
  readonly journal: string;
  readonly results: string;
  readonly spool: string;
  /** Of `PreparedPaths`, which makes it. */
  readonly prepared: string;
}

/** Makes the folders, for the owner only: spools and workspaces hold what jobs print and use. */
export function openWorkDir(root: string): WorkDir {
  const folders = {
    lock: join(root, 'runner.lock'),
    credentials: join(root, 'credentials.json'),
    journal: join(root, 'journal'),
    results: join(root, 'results'),
    spool: join(root, 'spool'),
    prepared: join(root, 'prepared'),
  };
  for (const folder of [root, folders.journal, folders.results, folders.spool]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const { dev, ino } = statSync(root);
  return { ...folders, id: `${dev}_${ino}` };
}
