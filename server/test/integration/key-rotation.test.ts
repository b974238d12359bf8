import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import type { JobSummary } from '@dibs/shared';
import { SEALED_PLACES } from '../../src/resealing/sealed-places.js';
import { Resealer } from '../../src/resealing/resealer.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { insertHierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const OLD = randomBytes(32).toString('base64');
const NEW = randomBytes(32).toString('base64');

const running: TestServer[] = [];
afterAll(async () => {
  for (const each of running.reverse()) await each.stop();
});

test('what a server sealed is opened and sealed anew by one with the next key, and tokens stay valid', async () => {
  const before = await startTestServer({ DIBS_ENCRYPTION_KEY: OLD });
  running.push(before);
  const client = await connect(before.databaseUrl);
  try {
    const organizationId = await defaultOrganization(client);
    const { stackId, namespaceId, moduleId } = await insertHierarchy(client, organizationId, 'prod');
    const settings = { variables: { key: { type: 'secret', value: 'planted-secret' } } };
    for (const path of [
      'organization/module-settings',
      `stacks/${stackId}`,
      `namespaces/${namespaceId}`,
      `modules/${moduleId}`,
    ]) {
      expect((await before.request('PATCH', `/api/v1/${path}`, { settings })).status).toBe(200);
    }
    const job = await before.request<JobSummary>('POST', '/api/v1/jobs', {
      steps: [{ run: 'true' }],
      secrets: { TOKEN: 'planted-secret' },
    });
    const box = before.app.get(SecretBox, { strict: false });
    const upload = '0197a000-0000-7000-8000-000000000001';
    await client.query(
      'INSERT INTO engine_plan_pieces (organization_id, job_id, attempt, upload_id, piece, sealed) VALUES ($1, $2, 1, $3, 0, $4)',
      [organizationId, job.body.id, upload, box.seal('planted-secret', `plan:${job.body.id}:1:${upload}:0`)],
    );
    await client.query(
      'INSERT INTO module_outputs (organization_id, module_id, name, sealed) VALUES ($1, $2, $3, $4)',
      [organizationId, moduleId, 'id', box.seal('"planted-secret"', `output:${moduleId}:id`)],
    );
    await client.query(
      'INSERT INTO source_archive_pieces (organization_id, upload_id, piece, sealed) VALUES ($1, $2, 0, $3)',
      [organizationId, upload, box.seal('planted-secret', `archive:${organizationId}:${upload}:0`)],
    );
    const token = await before.token();

    const after = await before.startPeer({ DIBS_ENCRYPTION_KEY: NEW, DIBS_PREVIOUS_ENCRYPTION_KEYS: OLD });
    running.push(after);
    expect((await after.request('GET', '/api/v1/stacks', undefined, { token })).status).toBe(200);
    // it began to do so when it started: whoever of the two is faster, one of them does it
    const { unreadable } = await after.app.get(Resealer, { strict: false }).run();
    expect(unreadable).toBe(0);

    const rotated = await before.startPeer({ DIBS_ENCRYPTION_KEY: NEW });
    running.push(rotated);
    const present = rotated.app.get(SecretBox, { strict: false });
    for (const { name, table, column, context } of SEALED_PLACES) {
      const { rows } = await client.query<{ context: string; sealed: Buffer }>(
        `SELECT ${context} AS context, ${column} AS sealed FROM ${table} t WHERE ${column} IS NOT NULL`,
      );
      const opened = rows.map((row) => present.open(row.sealed, row.context));
      expect([name, opened]).toEqual([name, [expect.stringContaining('planted-secret')]]);
    }
    expect((await rotated.request('GET', '/api/v1/stacks', undefined, { token })).status).toBe(401);
  } finally {
    await client.end();
  }
});
