import type { CancelMode } from '@dibs/shared';

const HARSHNESS: Readonly<Record<CancelMode, number>> = { after_step: 0, graceful: 1, kill: 2 };

/** Whether a further cancel asks for more than the one that is recorded; a milder one changes nothing. */
export function escalates(recorded: CancelMode | null, asked: CancelMode): boolean {
  return recorded === null || HARSHNESS[asked] > HARSHNESS[recorded];
}
