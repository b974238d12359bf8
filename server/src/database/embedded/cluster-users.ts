import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from './process-alive.js';

/** Which processes use the cluster: the last one to leave stops it. */
export class ClusterUsers {
  private readonly folder: string;
  private readonly own: string;

  constructor(clusterFolder: string) {
    this.folder = path.join(clusterFolder, 'users');
    this.own = path.join(this.folder, String(process.pid));
  }

  /** Before looking whether the database runs, so that a server that is stopping sees us. */
  enter(): void {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(this.own, '');
  }

  /** @returns whether nobody else is left */
  leave(): boolean {
    fs.rmSync(this.own, { force: true });
    const others = fs.readdirSync(this.folder).filter((name) => {
      if (isAlive(Number(name))) return true;
      fs.rmSync(path.join(this.folder, name), { force: true });
      return false;
    });
    return others.length === 0;
  }
}
