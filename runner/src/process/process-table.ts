import { readFileSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { ifThere, unlessBlind } from './kernel-view.js';

/** What /proc/<pid>/stat tells. `startTicks` tells a process from a later one that got the same pid. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: string;
  /** Ended, or past the point of doing anything: on its way out, or waiting for its parent to take note. */
  readonly dead: boolean;
}

/** The direct child of a tree: leader of its own session, because it is spawned detached. */
export interface TreeLeader {
  readonly pid: number;
  readonly startTicks: string | null;
  /** Its control group, when that does not tell by its name whose it is. */
  readonly cgroupFolder?: string;
}

/** Put into the environment of everything a job starts, so that what escaped its group can still be found. */
export interface ProcessMarker {
  readonly jobId: string;
  readonly attempt: number;
}

export const JOB_VARIABLE = 'DIBS_JOB_ID';
export const ATTEMPT_VARIABLE = 'DIBS_ATTEMPT';

/** PF_EXITING of the kernel: pipes close a moment before the process is gone. */
const EXITING = 0x4;

/** null: there is no such process (or no /proc on this system). @throws CannotLook */
export function readProcess(pid: number): ProcessFacts | null {
  const stat = ifThere(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === null) return null;
  // The name in brackets may itself hold spaces and brackets: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent, group, session] = fields;
  const isEnding = state === 'Z' || state === 'X' || (Number(fields[6]) & EXITING) !== 0;
  const threads = Number(fields[17]);
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTicks: fields[19] ?? '',
    // A main thread that has ended looks like a zombie while other threads go on.
    dead: isEnding && threads <= 1,
  };
}

/** By which a process is told from a later one of its pid; null: it is gone, or nobody can tell. */
export function startTicksOf(pid: number): string | null {
  return unlessBlind(() => readProcess(pid)?.startTicks ?? null, null);
}

/** false: nothing of this pid lives. */
export function mayLive(pid: number): boolean {
  return unlessBlind(() => readProcess(pid)?.dead === false, true);
}

/**
 * The living processes of a tree, wherever they went: those whose environment carries the marker (it survives
 * `setsid`, double forks and new groups), those in the leader's session or group (it survives `env -i`), and all
 * descendants of both. What both scrubbed its environment and left the session is out of reach without a cgroup.
 * Rejects with CannotLook.
 */
export async function findTree(marker: ProcessMarker, leader: TreeLeader | null): Promise<number[]> {
  const processes = await livingProcesses();
  const found = new Set<number>();
  const sessionIsOurs = leader !== null && stillOurs(leader);
  for (const { pid, group, session } of processes) {
    const related = sessionIsOurs && (session === leader.pid || group === leader.pid);
    if (related || carriesMarker(pid, marker)) found.add(pid);
  }
  for (let grew = found.size > 0; grew;) {
    const before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
    grew = found.size > before;
  }
  return [...found];
}

/** A session keeps its number from being reused, so a missing leader is fine; a younger process of its pid is not. */
export function stillOurs(leader: TreeLeader): boolean {
  const facts = unlessBlind(() => readProcess(leader.pid), null);
  return facts === null || leader.startTicks === null || facts.startTicks === leader.startTicks;
}

/** Never the runner itself nor what it runs under, whatever their environment says. */
async function livingProcesses(): Promise<ProcessFacts[]> {
  const names = ifThere(() => readdirSync('/proc')) ?? [];
  const processes: ProcessFacts[] = [];
  let read = 0;
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || pid === process.ppid || pid === 1) continue;
    // Reading one costs some 15 µs without a thread hop; on a host with thousands, let the event loop breathe.
    if (++read % 200 === 0) await setImmediate();
    const facts = readProcess(pid);
    if (facts && !facts.dead) processes.push(facts);
  }
  return processes;
}

function carriesMarker(pid: number, { jobId, attempt }: ProcessMarker): boolean {
  // null: gone meanwhile, or of another user
  const shown = ifThere(() => readFileSync(`/proc/${pid}/environ`, 'latin1'));
  if (shown === null) return false;
  const environment = `\0${shown}\0`;
  return (
    environment.includes(`\0${JOB_VARIABLE}=${jobId}\0`) && environment.includes(`\0${ATTEMPT_VARIABLE}=${attempt}\0`)
  );
}
