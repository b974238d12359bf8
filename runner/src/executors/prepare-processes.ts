import type { Logger } from 'pino';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import { PreparedProcesses } from '../process/prepared-processes.js';
import type { RunnerSettings } from '../settings/settings.js';
import { hostBasics, type HostEnvironment } from './step-environment.js';

export interface PrepareProcessesOptions {
  readonly settings: RunnerSettings;
  /** Whose they are: the work dir of this runner. */
  readonly owner: string;
  readonly cgroupRoot: CgroupRoot | null;
  readonly hostEnv: HostEnvironment;
  readonly log: Logger;
}

/** Processes for steps, with what all steps get from this host; the rest comes with the order. */
export function prepareProcesses({ settings, hostEnv, ...rest }: PrepareProcessesOptions): PreparedProcesses {
  const { capacity, workspace } = settings;
  const basics = Object.entries(hostBasics(hostEnv, workspace.additionalBinaryPaths));
  const env = Object.fromEntries(basics.filter(([name]) => !LOCALE.test(name)));
  const folder = settings.workDir;
  return new PreparedProcesses({ count: Math.min(capacity.slots, MAX_PREPARED), env, folder, ...rest });
}

/** A shell complains about a locale that the host does not have. That is for the step to say, not for the one before it. */
const LOCALE = /^L(?:ANG|C_)/;
/** More are hardly needed at once, and each is a process that idles. */
const MAX_PREPARED = 4;
