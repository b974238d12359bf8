import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { type CgroupRoot, JOIN_SCRIPT, childFolders, removeEmpty } from './cgroup-folder.js';
import { unlessBlind } from './kernel-view.js';
import { mayLive } from './process-table.js';

/**
 * Finds a place where this process may make control groups: below its own group in the unified hierarchy (v2, also
 * the one of a hybrid host), else in the freezer hierarchy (v1). It is tried out, not guessed from permissions.
 * @param name distinguishes the runners of one host, e.g. the instance name
 * @param versions of the hierarchies that may be used
 * @returns null: the host does not allow it; trees are then found by session and environment. Never rejects.
 */
export async function openCgroupRoot(
  name: string,
  versions: readonly CgroupRoot['version'][] = [2, 1],
): Promise<CgroupRoot | null> {
  const slug = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100);
  for (const { folder, version } of ownGroups()) {
    if (!versions.includes(version)) continue;
    const root = { folder: join(folder, `dibs-${slug}`), version };
    if (await worksIn(root)) return root;
  }
  return null;
}

/** Removes what `openCgroupRoot` made, unless another runner of the same name uses it. Never rejects. */
export function closeCgroupRoot(root: CgroupRoot | null): Promise<void> {
  if (root) removeAbandoned(root.folder, (maker) => maker === process.pid || !mayLive(maker));
  return Promise.resolve();
}

/** The folder of a process tree or a probe is empty for a moment before it is joined: those of other living runners stay. */
function removeAbandoned(rootFolder: string, isAbandoned: (makerPid: number) => boolean): void {
  for (const folder of unlessBlind(() => childFolders(rootFolder), [])) {
    const maker = Number(/(?:\.|^probe-)(\d+)(?:-\d+)?$/.exec(basename(folder))?.[1]);
    if (isAbandoned(maker)) removeEmpty(folder);
  }
  try {
    rmdirSync(rootFolder);
  } catch {
    // in use, or gone
  }
}

async function worksIn(root: CgroupRoot): Promise<boolean> {
  const probe = join(root.folder, `probe-${process.pid}`);
  try {
    mkdirSync(probe, { recursive: true });
    const joined = await execa('sh', ['-c', JOIN_SCRIPT, probe, 'true'], { reject: false, stdio: 'ignore' });
    const canKill = root.version === 2 || writable(join(probe, 'freezer.state'), 'THAWED');
    return joined.exitCode === 0 && readdirSync(probe).length > 0 && canKill;
  } catch {
    return false;
  } finally {
    removeEmpty(probe);
    // Groups of attempts that ended while no runner looked after them.
    removeAbandoned(root.folder, (maker) => !mayLive(maker));
  }
}

function writable(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
}

/** The groups this process is in, as folders, best hierarchy first. */
function ownGroups(): { folder: string; version: 1 | 2 }[] {
  const groups: { folder: string; version: 1 | 2 }[] = [];
  try {
    const memberships = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [mount = '', filesystem = ''] = line.split(' - ');
      const [, , , mountRoot = '/', mountPoint = ''] = mount.split(' ');
      const [type, , superOptions = ''] = filesystem.split(' ');
      const version =
        type === 'cgroup2' ? 2 : type === 'cgroup' && superOptions.split(',').includes('freezer') ? 1 : null;
      if (version === null) continue;
      const own = memberships.find((m) =>
        version === 2 ? m.startsWith('0::') : /^\d+:([^:]*,)?freezer(,[^:]*)?:/.test(m),
      );
      if (own === undefined) continue;
      const path = own.slice(own.indexOf(':', own.indexOf(':') + 1) + 1);
      // A container without its own cgroup namespace sees the host's path, but only its own part is mounted.
      const below = mountRoot !== '/' && path.startsWith(mountRoot) ? path.slice(mountRoot.length) : path;
      groups.push({ folder: join(mountPoint, below), version });
    }
  } catch {
    return []; // not Linux
  }
  return groups.sort((a, b) => b.version - a.version);
}
