import type { OrganizationId } from '@dibs/shared';
import type { InstanceRegistry } from '../dispatch/instance-registry.js';
import type { PauseBook } from '../dispatch/pause-book.js';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { KnownInstance, KnownRunner } from './explain.repository.js';

/** What only this server knows: sessions of its own, and what is paused. */
export interface InMemory {
  readonly registry: Pick<InstanceRegistry, 'get'>;
  readonly pauses: Pick<PauseBook, 'holdsRunner'>;
}

/** What the database knows, and of sessions on this server what only their server knows. */
export function factsOf(
  organizationId: OrganizationId,
  runner: KnownRunner,
  instance: KnownInstance,
  { registry, pauses }: InMemory,
): InstanceFacts {
  const session = instance.online ? registry.get(instance.id) : undefined;
  return {
    organizationId,
    runnerName: runner.name,
    runnerDisabled: runner.disabled,
    assignments: runner.assignments,
    instanceName: instance.name,
    online: instance.online,
    draining: instance.draining,
    paused: pauses.holdsRunner(runner.id)?.note ?? null,
    stopped: session?.stopped ?? false,
    unresponsive: session?.unresponsive ?? false,
    slots: instance.slots,
    freeSlots: instance.slots - instance.usedSlots,
    tools: instance.tools,
    labels: instance.labels,
  };
}
