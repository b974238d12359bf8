import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Role } from '@dibs/shared';

/** Rows that no route can make, written straight into the database of a test server. */
export async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface OtherOrganization {
  readonly id: string;
  /** API tokens of that organization. */
  readonly token: Readonly<Record<Role, string>>;
}

/** A second tenant with an API token for each role. */
export function createOrganization(databaseUrl: string): Promise<OtherOrganization> {
  return withClient(databaseUrl, async (client) => {
    const id = randomUUID();
    await client.query('INSERT INTO organizations (id, name) VALUES ($1, $2)', [id, `organization ${id}`]);
    return {
      id,
      token: {
        owner: await insertApiToken(client, id, 'owner'),
        administrator: await insertApiToken(client, id, 'administrator'),
        operator: await insertApiToken(client, id, 'operator'),
        viewer: await insertApiToken(client, id, 'viewer'),
      },
    };
  });
}

export async function insertApiToken(client: pg.Client, organizationId: string, role: Role): Promise<string> {
  const token = `dibs_${randomBytes(32).toString('base64url')}`;
  const hash = `sha256:${createHash('sha256').update(token).digest('base64url')}`;
  await client.query(
    'INSERT INTO api_tokens (id, organization_id, name, role, prefix, token_hash) VALUES ($1, $2, $3, $4, $5, $6)',
    [randomUUID(), organizationId, `${role} token`, role, token.slice(0, 11), hash],
  );
  return token;
}

/** One instance of a runner, as a connection leaves it behind. */
export function insertInstance(
  databaseUrl: string,
  runnerId: string,
  name: string,
  state: { readonly connected: boolean; readonly lastSeenSecondsAgo: number; readonly draining?: boolean },
): Promise<string> {
  return withClient(databaseUrl, async (client) => {
    const id = randomUUID();
    await client.query(
      `INSERT INTO runner_instances (id, organization_id, runner_id, name, boot_id, session_id, host_name, version,
         slots, tools, labels, draining, connected_at, last_seen_at)
       SELECT $1, organization_id, id, $3, gen_random_uuid(), CASE WHEN $4 THEN gen_random_uuid() END, 'host-1',
         '0.1.0', 2, '[{"name":"git","version":"2.47.0"}]', '{"zone":"eu"}', $6, clock_timestamp(),
         clock_timestamp() - make_interval(secs => $5)
       FROM runners WHERE id = $2`,
      [id, runnerId, name, state.connected, state.lastSeenSecondsAgo, state.draining ?? false],
    );
    return id;
  });
}

/** A job that the instance works on at this moment. */
export function insertRunningJob(databaseUrl: string, runnerId: string, instanceId: string): Promise<string> {
  return withClient(databaseUrl, async (client) => {
    const id = randomUUID();
    await client.query(
      `WITH submitted AS (
         INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
         SELECT $1, organization_id, 'build', '{"steps":[]}', 'fail', 1, 'test', clock_timestamp()
         FROM runners WHERE id = $2
       )
       INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at, attempt, claim_id,
         claim_token, runner_id, runner_name, instance_id, instance_name, lease_expires_at, claimed_at)
       SELECT $1, organization_id, 'running', 'lane', 0, 0, 0, clock_timestamp() + interval '1 day', 1,
         gen_random_uuid(), 'token', runner_id, 'pool', id, name, clock_timestamp() + interval '1 day', clock_timestamp()
       FROM runner_instances WHERE id = $3`,
      [id, runnerId, instanceId],
    );
    return id;
  });
}

/** Polls until the answer is as wanted; for what must come true within a time, as a revocation on another server. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`after ${withinMs} ms still: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
