import fs from 'node:fs';

/** Whether this process still runs. `identity` tells it from another one that was given the same id later. */
export function stillRuns({ pid, identity }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const now = identityOf(pid);
  return now === null || identity === null || now === identity;
}

export function ownIdentity() {
  return { pid: process.pid, identity: identityOf(process.pid) };
}

/** Boot and start time of a process where the system tells (Linux), else null. */
function identityOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the command in brackets may hold spaces; the start time is the 20th field after it
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTime}`;
  } catch {
    return null;
  }
}
