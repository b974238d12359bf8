import { describe, expect, test } from '@jest/globals';
import { grantedJobs, type JobId, type JobSpec } from '@dibs/shared';
import { toSpecJson } from '../jobs/spec/spec-json.js';
import { toGrants, toGrantsJson, type ReadyGrant } from './ready-grant.js';

const spec = { name: 'a "quoted" name', steps: [{ run: 'printf "\\n} ]ü\u2028"' }], env: {} } as unknown as JobSpec;
const grant: ReadyGrant = {
  ...{ jobId: '0197' as JobId, attempt: 3, claimToken: 't', startedStep: null },
  spec: toSpecJson(spec),
  secrets: { TOKEN: '"}\\' },
};

describe('a grant on its way', () => {
  test('is the same when it arrives', () => {
    expect(toGrants([grant])).toEqual({ jobs: [{ ...grant, spec }] });
  });

  test('has its spec as the database wrote it', () => {
    const asStored = '{"name": "n", "steps": []}' as ReadyGrant['spec'];
    expect(toGrantsJson([{ ...grant, spec: asStored }])).toContain(asStored);
  });

  test('after one with the same spec does without it, and is the same job when it arrives', () => {
    const other = toSpecJson({ ...spec, name: 'other' });
    const grants = [grant, { ...grant, attempt: 4 }, { ...grant, spec: other }, grant];
    const message = toGrants(grants);
    expect(message.jobs.map(({ spec: own }) => own?.name)).toEqual([spec.name, undefined, 'other', spec.name]);
    expect(grantedJobs(message)).toEqual(grants.map((each) => ({ ...each, spec: JSON.parse(each.spec) as JobSpec })));
  });
});
