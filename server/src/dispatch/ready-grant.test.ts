import { describe, expect, test } from '@jest/globals';
import type { JobId, JobSpec } from '@dibs/shared';
import { toSpecJson } from '../jobs/spec/spec-json.js';
import { toGrantedJob, toGrantedJson, type ReadyGrant } from './ready-grant.js';

const spec = { name: 'a "quoted" name', steps: [{ run: 'printf "\\n} ]ü\u2028"' }], env: {} } as unknown as JobSpec;
const grant: ReadyGrant = {
  ...{ jobId: '0197' as JobId, attempt: 3, claimToken: 't', startedStep: null },
  spec: toSpecJson(spec),
  secrets: { TOKEN: '"}\\' },
};

describe('a grant on its way', () => {
  test('is the same as text and as an object', () => {
    expect(JSON.parse(toGrantedJson(grant))).toEqual(toGrantedJob(grant));
    expect(toGrantedJob(grant)).toEqual({ ...grant, spec });
  });

  test('has its spec as the database wrote it', () => {
    const asStored = '{"name": "n", "steps": []}' as ReadyGrant['spec'];
    expect(toGrantedJson({ ...grant, spec: asStored })).toContain(asStored);
  });
});
