import { parentPort, workerData } from 'node:worker_threads';
import { endTree } from './end-tree.js';
import { unlessBlind } from './kernel-view.js';
import { monotonicMs } from './monotonic.js';
import type { TreeLeader } from './process-table.js';
import type { ProcessMarker } from './process-table.js';
import { TreeCgroup } from './tree-cgroup.js';
import { TrustCell } from './trust-cell.js';
import type { FromWatchdog, ToWatchdog, WatchdogData } from './watchdog-messages.js';

/**
 * The watchdog thread. It does nothing but look at the deadlines and kill what has outlived one, so that no other work
 * of the runner can keep it from that: not a loop that never ends, not a disk that hangs, not a flood of log lines.
 * After a SIGSTOP of the process it goes on by itself, whatever the main loop then finds to do first.
 */
interface Watched {
  readonly marker: ProcessMarker;
  readonly cell: TrustCell;
  leader: TreeLeader | null;
}

const { cgroupRoot, everyMs } = workerData as WatchdogData;
const watched = new Map<number, Watched>();
let timer: NodeJS.Timeout | undefined;

parentPort?.on('message', (messages: readonly ToWatchdog[]) => {
  messages.forEach(heard);
  if (watched.size > 0) timer ??= setInterval(look, everyMs);
  else timer = void clearInterval(timer);
});

function heard(message: ToWatchdog): void {
  const known = watched.get(message.id);
  if (message.kind === 'watch') {
    watched.set(message.id, { marker: message.marker, cell: new TrustCell(message.memory), leader: null });
  } else if (message.kind === 'forget') {
    watched.delete(message.id);
  } else if (known) {
    known.leader = message.leader;
    // started in the very moment in which the deadline passed
    if (known.cell.fired) void kill(message.id, known);
  }
}

function look(): void {
  const now = monotonicMs();
  for (const [id, one] of watched) {
    if (!one.cell.fireIfPassed(now)) continue;
    void kill(id, one);
    tell({ kind: 'fired', id });
  }
}

/** By the marker and the control groups of the attempt too: the deadline may pass before its leader is known here. */
async function kill(id: number, { marker, leader }: Watched): Promise<void> {
  const ofAttempt = unlessBlind(() => TreeCgroup.ofAttempt(cgroupRoot, marker), []);
  const cgroups = [...ofAttempt, ...TreeCgroup.ofLeader(cgroupRoot, leader)];
  const end = await endTree({ marker, leader, cgroups });
  tell({ kind: 'killed', id, ...end });
}

function tell(message: FromWatchdog): void {
  parentPort?.postMessage(message);
}
