import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';

/**
 * Says whether there is room for another job. Looked up now and then, never on the way of a claim. A file system
 * that does not tell counts as having room.
 */
export class DiskGuard {
  private enough = true;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folders: readonly string[],
    private readonly minimumFreeBytes: number,
    private readonly everyMs: number,
    private readonly log: Logger,
    /** There is room again, or none any more. */
    private readonly onChange: () => void,
  ) {}

  get hasRoom(): boolean {
    return this.enough;
  }

  async start(): Promise<void> {
    if (this.minimumFreeBytes === 0) return;
    await this.look();
    this.timer = setInterval(() => void this.look(), this.everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const free = await Promise.all(this.folders.map(freeBytes));
    const leastFreeBytes = Math.min(...free);
    const enough = leastFreeBytes >= this.minimumFreeBytes;
    const changed = enough !== this.enough;
    this.enough = enough;
    if (changed) {
      const fields = { leastFreeBytes, minimumFreeBytes: this.minimumFreeBytes };
      if (enough) this.log.info(fields, 'disk has room again: claiming goes on');
      else this.log.warn(fields, 'disk is nearly full: claiming nothing');
      this.onChange();
    }
  }
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
