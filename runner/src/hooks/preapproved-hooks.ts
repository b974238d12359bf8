import type { StepSpec } from '@dibs/shared';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, readRegularFile } from '../storage/read-regular-file.js';

/** Hooks are compared with the files of one folder, byte by byte through their SHA-256. */
export class PreapprovedHooks {
  constructor(private readonly folder: string) {}

  /**
   * The folder is read anew each time, so that an approval counts from the moment it is there, and no longer than it is there.
   * Subfolders do not count; neither does a file that cannot be read.
   *
   * @returns the first hook that is not approved, and why, as a sentence; null: all are
   */
  async problemOf(hooks: readonly Pick<StepSpec, 'name' | 'run'>[]): Promise<string | null> {
    if (hooks.length === 0) return null;
    const wanted = hooks.map(({ name, run }) => ({ name, sha256: sha256(run), bytes: Buffer.byteLength(run) }));
    const found = await this.sha256OfFiles(new Set(wanted.map(({ bytes }) => bytes)));
    const refused = wanted.find(({ sha256 }) => typeof found === 'string' || !found.has(sha256));
    if (refused === undefined) return null;
    const why =
      typeof found === 'string'
        ? `the folder of preapproved hooks, ${this.folder}, cannot be read (${found})`
        : `it is not the SHA-256 of any file of ${this.folder}`;
    return `The hook ${refused.name} with the SHA-256 ${refused.sha256} is not run: ${why}.`;
  }

  /** Of files of these sizes: no others need to be read. @returns text: why the folder cannot be read */
  private async sha256OfFiles(sizes: ReadonlySet<number>): Promise<ReadonlySet<string> | string> {
    const found = new Set<string>();
    try {
      for (const name of await readdir(this.folder)) {
        const content = await readRegularFile(join(this.folder, name), (bytes) => sizes.has(bytes)).catch(() => null);
        if (content !== null) found.add(sha256(content));
      }
    } catch (error) {
      return codeOf(error);
    }
    return found;
  }
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
