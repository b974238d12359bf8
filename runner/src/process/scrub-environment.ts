import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

/**
 * Takes variables out of this process. `process.env` alone is not enough: /proc/<pid>/environ shows the block of
 * memory that the kernel filled at exec, to every process of the same user, so also to the steps of every job. On
 * Linux that block is overwritten through /proc/self/mem. Values stay in the heap, and whoever may trace this process
 * can read them there: jobs that must not be trusted need another user or an executor that isolates.
 * @returns the names that stay visible in /proc (system without /proc/self/mem)
 */
export function scrubEnvironment(names: readonly string[]): string[] {
  const present = names.filter((name) => process.env[name] !== undefined);
  for (const name of present) delete process.env[name];
  try {
    return overwrite(present);
  } catch {
    return present;
  }
}

/** Fields 50 and 51 of /proc/self/stat: where the initial environment begins and ends. */
function overwrite(names: readonly string[]): string[] {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [start, end] = [Number(fields[47]), Number(fields[48])];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start <= 0 || end <= start) return [...names];
  const memory = openSync('/proc/self/mem', 'r+');
  try {
    const block = Buffer.alloc(end - start);
    readSync(memory, block, 0, block.length, start);
    const prefixes = names.map((name) => `${name}=`);
    for (let at = 0; at < block.length;) {
      const stop = block.indexOf(0, at);
      const entryEnd = stop < 0 ? block.length : stop;
      const entry = block.toString('latin1', at, entryEnd);
      // Zeros: to a reader of /proc the variable is not there at all.
      if (prefixes.some((prefix) => entry.startsWith(prefix))) {
        writeSync(memory, Buffer.alloc(entryEnd - at), 0, entryEnd - at, start + at);
      }
      at = entryEnd + 1;
    }
  } finally {
    closeSync(memory);
  }
  const visible = `\0${readFileSync('/proc/self/environ', 'latin1')}`;
  return names.filter((name) => visible.includes(`\0${name}=`));
}
