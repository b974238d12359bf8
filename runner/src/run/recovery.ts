import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldAttempt } from '@dibs/shared';
import { killAbandoned, killLeftovers } from '../process/leftovers.js';
import type { ResultRecord } from '../report/result-outbox.js';
import { cleanStaleWorkspaces } from '../workspace/workspace.js';
import type { AttemptHost } from './attempt-host.js';
import { attemptKey } from './journal.js';

export interface RecoveredAttempt {
  readonly held: HeldAttempt;
  /** null: its job was still running. */
  readonly record: ResultRecord | null;
}

/**
 * What an earlier process of this work dir held when it was killed. Whatever its jobs left running is ended first:
 * only then may this process say hello, because the server takes that for a sign that all is in order.
 */
export async function recoverAttempts(host: AttemptHost): Promise<RecoveredAttempt[]> {
  const { journal, outbox, log } = host;
  const [entries, stored] = await Promise.all([journal.entries(), outbox.records()]);
  const records = new Map(stored.map((record) => [attemptKey(record.finished), record]));
  const recovered = entries.map((held) => ({ held, record: records.get(attemptKey(held)) ?? null }));
  await Promise.all(recovered.map((attempt) => endLeftovers(host, attempt)));
  const abandoned = await killAbandoned(host.cgroupRoot, host.workDirId);
  if (abandoned.killed > 0) log.warn(abandoned, 'processes of an earlier runner process found');

  const held = new Set(entries.map(attemptKey));
  await cleanStaleWorkspaces(host.workspace.root, new Set()).catch((error: unknown) => {
    log.error({ err: error }, 'old workspaces could not be removed');
  });
  // without a journal entry the answer had come, only the removal was interrupted
  for (const [key, { finished }] of records) if (!held.has(key)) await outbox.remove(finished);
  for (const name of await readdir(host.spoolFolder)) {
    if (!held.has(name)) await rm(join(host.spoolFolder, name), { recursive: true, force: true });
  }
  return recovered;
}

async function endLeftovers(host: AttemptHost, { held, record }: RecoveredAttempt): Promise<void> {
  const { jobId, attempt } = held;
  const { killed, survivors } = await killLeftovers({ marker: { jobId, attempt }, cgroupRoot: host.cgroupRoot });
  const fields = { jobId, attempt, killed, survivors, hadResult: record !== null };
  host.log.warn(fields, 'attempt of an earlier process found');
}
