import { expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import { demandWords } from './demand-words.js';
import type { LaneRequirements } from './lanes.js';

const nothing: LaneRequirements = {
  organizationId: 'o' as OrganizationId,
  executor: 'shell',
  runner: null,
  instance: null,
  tools: [],
  labels: [],
  prefers: [],
  slots: 1,
  scope: null,
};
const scope = { stackId: 's', namespaceId: null, moduleId: null };

test.each<[Partial<LaneRequirements>, string]>([
  [{}, 'any runner'],
  [{ runner: 'pool', instance: 'pool-0' }, 'runner pool, instance pool-0'],
  [{ tools: ['git'] }, 'tool git'],
  [{ tools: ['git', 'terraform@>=1.5 <2'], slots: 2 }, 'tools git, terraform@>=1.5 <2, 2 slots'],
  [
    { labels: [['zone', 'eu']], prefers: [['disk', 'ssd']], executor: 'noop' },
    'label zone=eu, executor noop, preferably disk=ssd',
  ],
  [{ scope }, 'assigned to its stack'],
  [{ scope: { ...scope, namespaceId: 'n', moduleId: 'm' } }, 'assigned to its module'],
])('%j: %s', (demands, words) => {
  expect(demandWords({ ...nothing, ...demands })).toBe(words);
});
