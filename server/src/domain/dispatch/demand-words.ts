import type { LaneRequirements } from './lanes.js';

/** What the jobs of a lane demand of an instance, as people say it: `runner pool, tools git, label zone=eu`. */
export function demandWords(requirements: LaneRequirements): string {
  const { runner, instance, tools, labels, prefers, slots, scope, executor } = requirements;
  const words = [
    runner !== null && `runner ${runner}`,
    instance !== null && `instance ${instance}`,
    tools.length > 0 && `${tools.length === 1 ? 'tool' : 'tools'} ${tools.join(', ')}`,
    labels.length > 0 && `${labels.length === 1 ? 'label' : 'labels'} ${pairs(labels)}`,
    slots > 1 && `${slots} slots`,
    scope !== null && `assigned to its ${scope.moduleId ? 'module' : scope.namespaceId ? 'namespace' : 'stack'}`,
    executor !== 'shell' && `executor ${executor}`,
    prefers.length > 0 && `preferably ${pairs(prefers)}`,
  ].filter((word) => word !== false);
  return words.length === 0 ? 'any runner' : words.join(', ');
}

function pairs(labels: LaneRequirements['labels']): string {
  return labels.map(([key, value]) => `${key}=${value}`).join(', ');
}
