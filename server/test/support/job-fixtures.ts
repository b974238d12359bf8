import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { InstanceId, JobId, OrganizationId, Role, WireLogLine } from '@dibs/shared';
import { hashGenerated } from '../../src/auth/credentials/generated-secret.js';

/** A connection of the test's own, to arrange what only a runner or another organization could and to look behind the API. */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  pg.types.setTypeParser(20, Number);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return client;
}

export interface Tenant {
  readonly organizationId: OrganizationId;
  /** API token. */
  readonly token: string;
}

/** Another organization with an API token of the given role. */
export async function makeTenant(client: pg.Client, role: Role = 'owner'): Promise<Tenant> {
  const organizationId = randomUUID() as OrganizationId;
  await client.query('INSERT INTO organizations (id, name) VALUES ($1, $2)', [organizationId, `org-${organizationId}`]);
  return { organizationId, token: await makeToken(client, organizationId, role) };
}

export async function makeToken(client: pg.Client, organizationId: OrganizationId, role: Role): Promise<string> {
  const token = `dibs_${randomBytes(32).toString('base64url')}`;
  await client.query(
    `INSERT INTO api_tokens (id, organization_id, name, role, prefix, token_hash) VALUES ($1, $2, $3, $4, $5, $6)`,
    [randomUUID(), organizationId, `${role}-token`, role, token.slice(0, 10), hashGenerated(token)],
  );
  return token;
}

/** The organization that the bootstrap credentials of a test server belong to. */
export async function defaultOrganization(client: pg.Client): Promise<OrganizationId> {
  const { rows } = await client.query<{ organization_id: OrganizationId }>(
    `SELECT organization_id FROM service_principals WHERE client_id = 'test-owner'`,
  );
  return rows[0]!.organization_id;
}

export interface TestAttempt {
  readonly organizationId: OrganizationId;
  readonly instanceId: InstanceId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
}

const LEASE = `clock_timestamp() + interval '1 hour'`;

/** What a claim leaves in the database, for a job that is queued. */
export async function claimBySql(client: pg.Client, jobId: JobId): Promise<TestAttempt> {
  const [runnerId, instanceId] = [randomUUID(), randomUUID() as InstanceId];
  const claimToken = randomBytes(16).toString('hex');
  await client.query(
    `INSERT INTO earlier_attempts
     SELECT a.* FROM job_attempts a JOIN jobs j ON j.id = a.job_id AND j.attempt = a.attempt WHERE j.id = $1`,
    [jobId],
  );
  const { rows } = await client.query<{ organization_id: OrganizationId; attempt: number }>(
    `UPDATE jobs SET state = 'claimed', attempt = attempt + 1, claim_id = $2, claim_token = $3, runner_id = $4,
       runner_name = 'pool', instance_id = $5, instance_name = 'pool-0', lease_expires_at = ${LEASE},
       claimed_at = clock_timestamp(), ended_at = NULL, outcome = NULL, ended_reason = NULL, ended_exit_code = NULL,
       last_seq = 0, log_complete = false
     WHERE id = $1 AND state = 'queued'
     RETURNING organization_id, attempt`,
    [jobId, randomUUID(), claimToken, runnerId, instanceId],
  );
  const { organization_id: organizationId, attempt } = rows[0]!;
  return { organizationId, instanceId, jobId, attempt, claimToken };
}

/** Ends an attempt as its runner or the sweeper would; `state`: what becomes of the job. */
export async function endBySql(
  client: pg.Client,
  { jobId, attempt }: TestAttempt,
  state: 'succeeded' | 'failed' | 'canceled' | 'queued',
): Promise<void> {
  const [outcome, reason] = state === 'queued' ? ['lost', 'lease_expired'] : [state, 'completed'];
  await client.query(
    `UPDATE jobs SET state = $5, reason = $4, finished_at = CASE WHEN $5 = 'queued' THEN NULL ELSE clock_timestamp() END,
       ended_at = clock_timestamp(), outcome = $3, ended_reason = $4, ended_exit_code = 0, log_complete = $3 <> 'lost'
     WHERE id = $1 AND attempt = $2`,
    [jobId, attempt, outcome, reason, state],
  );
}

/** Both rows of a job, and with them what refers to it by a foreign key. */
export async function removeBySql(client: pg.Client, jobId: string): Promise<void> {
  await client.query('DELETE FROM jobs WHERE id = $1', [jobId]);
  await client.query('DELETE FROM job_submissions WHERE id = $1', [jobId]);
}

/** Lines `line FIRST` … of stdout. */
export function numberedLines(firstSeq: number, count: number): WireLogLine[] {
  return Array.from({ length: count }, (_, index) => [1_763_600_000_000 + index, 0, 'o', `line ${firstSeq + index}`]);
}

/** Looks again and again until it sees something; fails with the last thing it saw. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; ;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`not seen within ${withinMs} ms; the last was ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
