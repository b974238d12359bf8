import fs from 'node:fs';

/** USER_HZ: the same on every Linux that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time by group of processes, in microseconds. Linux only: elsewhere there are no groups. */
export type CpuTimes = Readonly<Record<string, number>>;

export interface CpuGroups {
  /** Names to process ids. */
  readonly processes: Readonly<Record<string, readonly number[]>>;
  /** Counted with all its children, those that ended included; null: elsewhere. */
  readonly postmasterPid: number | null;
}

export function readCpu({ processes, postmasterPid }: CpuGroups): CpuTimes {
  const times: Record<string, number> = {};
  if (!fs.existsSync('/proc/self/stat')) return times;
  for (const [name, pids] of Object.entries(processes)) {
    times[name] = pids.reduce((sum, pid) => sum + (ticksOf(pid)?.own ?? 0), 0) * MICROSECONDS_PER_TICK;
  }
  if (postmasterPid !== null) times.postgres = treeTicks(postmasterPid) * MICROSECONDS_PER_TICK;
  return times;
}

/** @returns microseconds for each of `jobs`, whole */
export function cpuPerJob(before: CpuTimes, after: CpuTimes, jobs: number): CpuTimes {
  return Object.fromEntries(
    Object.entries(after).map(([name, time]) => [name, Math.round((time - (before[name] ?? 0)) / jobs)]),
  );
}

/** @returns microseconds of all groups together for each of `lines`, in hundredths */
export function cpuPerLine(before: CpuTimes, after: CpuTimes, lines: number): number {
  const spent = Object.entries(after).reduce((sum, [name, time]) => sum + time - (before[name] ?? 0), 0);
  return Math.round((spent / lines) * 100) / 100;
}

function treeTicks(postmasterPid: number): number {
  const postmaster = ticksOf(postmasterPid);
  if (!postmaster) return 0;
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = pids.map((pid) => ticksOf(Number(pid))).filter((stat) => stat?.parent === postmasterPid);
  return postmaster.own + postmaster.reaped + children.reduce((sum, stat) => sum + stat!.own, 0);
}

function ticksOf(pid: number): { readonly parent: number; readonly own: number; readonly reaped: number } | null {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // the second field, the name, may contain anything; proc(5) counts from 1
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { parent: field(4), own: field(14) + field(15), reaped: field(16) + field(17) };
}
