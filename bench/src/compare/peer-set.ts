import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const PEERS_VARIABLE = 'PEERS';

/** The folder of PEERS, in which somebody installed the job queues to compare with (bench/README.md). */
export class PeerSet {
  private readonly require: NodeJS.Require;

  private constructor(private readonly folder: string) {
    this.require = createRequire(path.join(folder, 'package.json'));
  }

  /** @throws Error that says how to make one */
  static find(): PeerSet {
    const folder = process.env[PEERS_VARIABLE];
    if (!folder || !fs.existsSync(path.join(folder, 'node_modules'))) {
      throw new Error(
        `${PEERS_VARIABLE} must name a folder with installed peers; bench/README.md says how to make one`,
      );
    }
    return new PeerSet(path.resolve(folder));
  }

  /** A package of the set, as its own code would get it. */
  async load<Exports>(name: string): Promise<Exports> {
    const loaded = (await import(pathToFileURL(this.require.resolve(name)).href)) as Exports & { default?: Exports };
    // of a CommonJS package Node may not see every name
    return { ...loaded.default, ...loaded };
  }

  /** Some peers want a newer Node than this project does: `npm i node@24` in the folder provides one. */
  get nodePath(): string {
    const own = path.join(this.folder, 'node_modules/node/bin/node');
    return fs.existsSync(own) ? own : process.execPath;
  }

  versions(names: readonly string[]): Readonly<Record<string, string>> {
    const version = (name: string): string => {
      const file = path.join(this.folder, 'node_modules', name, 'package.json');
      return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
    };
    return Object.fromEntries(names.map((name) => [name, version(name)]));
  }
}
