import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { fits, type InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { Lane, LaneRequirements } from '../domain/dispatch/lanes.js';
import { KnownInstancesRepository } from './known-instances.repository.js';

/** Checks between two looks at the event loop: a few milliseconds. */
const CHECKS_AT_A_STRETCH = 5_000;

/** Tells whether any instance that is known could ever take the jobs of a lane. */
@Injectable()
export class LaneJudge {
  constructor(private readonly known: KnownInstancesRepository) {}

  async couldEverRun(requirements: LaneRequirements): Promise<boolean> {
    const lane = { fingerprint: '', requirements };
    return (await this.hopeless([lane])).length === 0;
  }

  /** Those of the lanes that nobody could ever serve. Instances are read once for each organization. */
  async hopeless(lanes: readonly Lane[]): Promise<Lane[]> {
    const found: Lane[] = [];
    const organizations = grouped(lanes, (lane) => lane.requirements.organizationId);
    for (const [organizationId, own] of organizations) found.push(...(await this.hopelessOf(organizationId, own)));
    return found;
  }

  private async hopelessOf(organizationId: OrganizationId, lanes: readonly Lane[]): Promise<Lane[]> {
    const names = [...new Set(lanes.flatMap(({ requirements: { instance } }) => instance ?? []))];
    const named = grouped(await this.known.named(organizationId, names), (facts) => facts.instanceName);
    const kinds = lanes.some(({ requirements }) => requirements.instance === null)
      ? await this.known.kinds(organizationId)
      : [];
    const found: Lane[] = [];
    let checks = 0;
    for (const lane of lanes) {
      const { instance } = lane.requirements;
      const candidates = instance === null ? kinds : (named.get(instance) ?? []);
      if (candidates !== null && !anyFits(candidates, lane.requirements)) found.push(lane);
      checks += candidates?.length ?? 0;
      if (checks < CHECKS_AT_A_STRETCH) continue;
      checks = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }
}

function anyFits(candidates: readonly InstanceFacts[], requirements: LaneRequirements): boolean {
  return candidates.some((facts) => fits(facts, requirements).eligible);
}

function grouped<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
