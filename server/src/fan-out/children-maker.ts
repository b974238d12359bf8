import { Injectable, Logger } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import type { Queryable } from '../database/database.js';
import { laneOf } from '../domain/dispatch/lanes.js';
import { childSpec, type FanOutTarget } from '../domain/job/fan-out.js';
import type { NewJob } from '../jobs/job-row.js';
import { JobRepository } from '../jobs/job.repository.js';
import { secretContext } from '../jobs/secret-context.js';
import { toSpecJson } from '../jobs/spec/spec-json.js';
import { SecretBox } from '../platform/secret-box.js';
import { uuidv7 } from '../platform/uuid.js';
import { FanOutRepository, type LockedParent } from './fan-out.repository.js';
import { MatchingInstancesReader } from './matching-instances.js';

/** Rows of one statement; a spec may have a megabyte. */
const INSERTED_AT_ONCE = 100;

const UNREADABLE = Symbol('the secrets do not open');

export type Made = 'children' | 'nothing_matches' | 'secrets_unreadable';

/** Makes the children of a parent, one on each matching instance, all of them in the parent's transaction. */
@Injectable()
export class ChildrenMaker {
  private readonly logger = new Logger(ChildrenMaker.name);

  constructor(
    private readonly jobs: JobRepository,
    private readonly fanOuts: FanOutRepository,
    private readonly instances: MatchingInstancesReader,
    private readonly secretBox: SecretBox,
  ) {}

  async make(tx: Queryable, parent: LockedParent): Promise<Made> {
    const secrets = this.secretsOf(parent);
    if (secrets === UNREADABLE) return 'secrets_unreadable';
    const { targets, skipped } = await this.instances.read(tx, parent.organizationId, parent.spec);
    const children = targets.map((target) => this.newChild(parent, target, secrets));
    for (let first = 0; first < children.length; first += INSERTED_AT_ONCE) {
      await this.jobs.insertIn(tx, children.slice(first, first + INSERTED_AT_ONCE));
    }
    const batchSize = parent.spec.fanOut?.batchSize ?? null;
    await this.fanOuts.recordPlan(tx, parent, { batchSize, children: children.length, skipped });
    return children.length > 0 ? 'children' : 'nothing_matches';
  }

  /** The parent's place in the queue is its children's: they were asked for when it was. */
  private newChild(parent: LockedParent, target: FanOutTarget, secrets: string | null): NewJob {
    const { organizationId, secretNames, submittedBy, rank, jobId } = parent;
    const id = uuidv7() as JobId;
    const spec = childSpec(parent.spec, target);
    return {
      ...{ id, organizationId, spec, specJson: toSpecJson(spec), secretNames, submittedBy, rank },
      lane: laneOf(organizationId, spec).fingerprint,
      // sealed for this row: moved from another one they would not open
      sealedSecrets: secrets === null ? null : this.secretBox.seal(secrets, secretContext(id)),
      ...{ idempotency: null, retryOf: null, parentId: jobId },
      initial: { state: 'waiting', reason: 'fan_out_turn' },
    };
  }

  private secretsOf({ secrets, jobId }: LockedParent): string | null | typeof UNREADABLE {
    if (secrets === null) return null;
    try {
      return this.secretBox.open(secrets, secretContext(jobId));
    } catch (error) {
      this.logger.error(
        { err: error, jobId },
        'the secrets of a job cannot be opened: was the encryption key changed?',
      );
      return UNREADABLE;
    }
  }
}
