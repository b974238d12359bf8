import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process-alive.js';

const LEAVING = '.leaving';
const POLL_MS = 15;

/**
 * Which processes use the cluster: the last one to leave stops it. Who leaves says so before it looks whether somebody is
 * left, and who enters is there before it looks whether somebody leaves. So either the one sees the other and does not
 * stop, or the other waits until it has: nobody adopts a database that is about to be stopped.
 */
export class ClusterUsers {
  private readonly folder: string;
  private readonly own: string;

  constructor(clusterFolder: string) {
    this.folder = path.join(clusterFolder, 'users');
    this.own = path.join(this.folder, String(process.pid));
  }

  /** Before looking whether the database runs. */
  async enter(): Promise<void> {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(this.own, '');
    while (this.names().some((name) => name.endsWith(LEAVING))) await delay(POLL_MS);
  }

  /** @param stop done when nobody else is left */
  async leave(stop: () => Promise<void>): Promise<void> {
    const leaving = this.own + LEAVING;
    fs.writeFileSync(leaving, '');
    try {
      fs.rmSync(this.own, { force: true });
      if (this.names().every((name) => name.endsWith(LEAVING))) await stop();
    } finally {
      fs.rmSync(leaving, { force: true });
    }
  }

  /** Those of living processes; what others have left behind is removed. */
  private names(): string[] {
    return fs.readdirSync(this.folder).filter((name) => {
      if (isAlive(Number.parseInt(name, 10))) return true;
      fs.rmSync(path.join(this.folder, name), { force: true });
      return false;
    });
  }
}
