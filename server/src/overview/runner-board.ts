import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { PauseBook } from '../dispatch/pause-book.js';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import { ExplainRepository, type KnownInstance, type KnownRunner } from '../explain/explain.repository.js';
import { factsOf } from '../explain/facts-of.js';

export interface KnownRunners {
  readonly runners: readonly KnownRunner[];
  readonly instances: readonly KnownInstance[];
  /** Of each instance, what decides which jobs it may take. */
  readonly facts: readonly InstanceFacts[];
}

/** All runners of an organization as explanations see them, so that both say the same. */
@Injectable()
export class RunnerBoard {
  constructor(
    private readonly known: ExplainRepository,
    private readonly registry: InstanceRegistry,
    private readonly pauses: PauseBook,
  ) {}

  async of(organizationId: OrganizationId): Promise<KnownRunners> {
    const { items: runners } = await this.known.runners(organizationId, null);
    const { items: instances } = await this.known.instances(organizationId, null);
    const byId = new Map(runners.map((runner) => [runner.id, runner]));
    const inMemory = { registry: this.registry, pauses: this.pauses };
    const facts = instances.flatMap((instance) => {
      const runner = byId.get(instance.runnerId);
      return runner ? [factsOf(organizationId, runner, instance, inMemory)] : [];
    });
    return { runners, instances, facts };
  }
}
