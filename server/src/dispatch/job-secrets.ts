import { Injectable, Logger } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { secretContext } from '../jobs/secret-context.js';
import { SecretBox } from '../platform/secret-box.js';
import type { ConnectedInstance } from './connected-instance.js';
import { InstanceRegistry } from './instance-registry.js';
import type { ReadyGrant } from './ready-grant.js';
import type { StoredGrant } from './regrant.repository.js';
import { ResultRepository } from './result.repository.js';

type Secrets = Readonly<Record<string, string>>;

const NONE: Secrets = Object.freeze({});

/** The attempt whose secrets are opened. */
export interface SealedAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
  readonly sealedSecrets: Buffer | null;
}

/** Opens the secrets of jobs that are given away. */
@Injectable()
export class JobSecrets {
  private readonly logger = new Logger(JobSecrets.name);

  constructor(
    private readonly box: SecretBox,
    private readonly database: Database,
    private readonly results: ResultRepository,
    private readonly registry: InstanceRegistry,
    private readonly bus: EventBus,
  ) {}

  /** @returns null: they do not open (another key, damage); asking again cannot help */
  open({ jobId, sealedSecrets }: SealedAttempt): Secrets | null {
    if (sealedSecrets === null) return NONE;
    try {
      return JSON.parse(this.box.open(sealedSecrets, secretContext(jobId))) as Secrets;
    } catch (error) {
      const hint = 'the secrets of a job cannot be opened: was the encryption key changed?';
      this.logger.error({ err: error, jobId }, hint);
      return null;
    }
  }

  /** The grants whose secrets open, as they go to the instance; the attempts of the others are ended. */
  openAll(grants: readonly StoredGrant[], instance: ConnectedInstance): ReadyGrant[] {
    const jobs: ReadyGrant[] = [];
    for (const grant of grants) {
      const secrets = this.open(grant);
      const { jobId, attempt, claimToken, spec, startedStep } = grant;
      if (secrets === null) void this.end(grant, instance);
      else jobs.push({ jobId, attempt, claimToken, spec, secrets, startedStep });
    }
    return jobs;
  }

  /** Ends an attempt that can never begin, instead of leaving its lease to run out. */
  async end({ jobId, attempt, claimToken }: SealedAttempt, instance: ConnectedInstance): Promise<void> {
    const { instanceId, organizationId } = instance.identity;
    const why = { outcome: 'failed', reason: 'secrets_unreadable' } as const;
    const result = { jobId, attempt, claimToken, instanceId, ...why, exitCode: null, lastSeq: 0, atMs: Date.now() };
    try {
      const [written] = await this.results.finishDecided(this.database, [result]);
      if (written?.verdict !== 'ended') return;
      const { concurrencyKey, parentId } = written;
      const ended = { organizationId, jobId, state: why.outcome, reason: why.reason };
      this.registry.release(instanceId, jobId, attempt);
      this.bus.publish('job.ended', { ...ended, concurrencyKey, parentId });
      this.bus.publish('job.changed', ended);
    } catch (error) {
      // its lease runs out then
      this.logger.warn({ err: error, jobId }, 'an attempt without readable secrets could not be ended');
    }
  }
}
