import pg from 'pg';
import type { JobState } from '@dibs/shared';

/** One change of a row, in the order of the commits that changed this row. */
export interface Change {
  readonly id: number;
  readonly job: string;
  /** The fan-out that it is a child of. */
  readonly parent: string | null;
  /** Of a job: its states. Of an attempt: null. */
  readonly before: JobState | null;
  readonly after: JobState | null;
  readonly attempt: number;
  /** Of an attempt: whether it is current after the change. Of a job: null. */
  readonly live: boolean | null;
  /** Of an attempt: whose it is. Of a job: null. */
  readonly instance: string | null;
  /** By the clock of this machine. */
  readonly atMs: number;
}

/** Has the database itself write down what becomes of every job and attempt, whoever changes it and however. */
export async function installWitness(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query(/* sql */ `
      CREATE TABLE witness (
        id bigint GENERATED ALWAYS AS IDENTITY, job uuid NOT NULL, before text, after text, attempt integer NOT NULL,
        live boolean, instance text, at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE FUNCTION witness_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN INSERT INTO witness (job, after, attempt) VALUES (NEW.id, NEW.state, NEW.attempt);
        ELSE INSERT INTO witness (job, before, after, attempt) VALUES (NEW.id, OLD.state, NEW.state, NEW.attempt);
        END IF;
        RETURN NULL;
      END $$;
      CREATE FUNCTION witness_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO witness (job, attempt, live, instance)
          VALUES (NEW.id, NEW.attempt, NEW.ended_at IS NULL, NEW.instance_name);
        RETURN NULL;
      END $$;
      CREATE TRIGGER witness_insert AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION witness_job();
      CREATE TRIGGER witness_update AFTER UPDATE ON jobs FOR EACH ROW
        WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.attempt IS DISTINCT FROM NEW.attempt)
        EXECUTE FUNCTION witness_job();
      CREATE TRIGGER witness_grant AFTER INSERT ON jobs FOR EACH ROW
        WHEN (NEW.attempt > 0) EXECUTE FUNCTION witness_attempt();
      CREATE TRIGGER witness_change AFTER UPDATE ON jobs FOR EACH ROW
        WHEN (OLD.attempt <> NEW.attempt OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL))
        EXECUTE FUNCTION witness_attempt();

      CREATE TABLE witness_late (job uuid NOT NULL, attempt integer NOT NULL, what text NOT NULL);
      CREATE FUNCTION witness_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO witness_late
        SELECT id, NEW.attempt, TG_ARGV[0] FROM jobs WHERE id = NEW.job_id AND attempt > NEW.attempt;
        RETURN NULL;
      END $$;
      CREATE TRIGGER witness_step AFTER INSERT OR UPDATE ON job_steps FOR EACH ROW
        EXECUTE FUNCTION witness_late('a step');
      CREATE TRIGGER witness_log AFTER INSERT ON log_chunks FOR EACH ROW EXECUTE FUNCTION witness_late('lines');
    `),
  );
}

export async function readWitness(databaseUrl: string): Promise<Change[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<Change>(/* sql */ `
      SELECT w.id::int, w.job, j.parent_id AS parent, w.before, w.after, w.attempt, w.live, w.instance,
        (extract(epoch FROM w.at) * 1000)::float AS "atMs"
      FROM witness w JOIN jobs j ON j.id = w.job ORDER BY w.id`),
  );
  return rows;
}

/** I6: nothing of an older attempt is written once a newer one is there. @returns one sentence per violation */
export async function lateWrites(databaseUrl: string): Promise<string[]> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ job: string; attempt: number; what: string }>('SELECT * FROM witness_late'),
  );
  return rows.map(
    ({ job, attempt, what }) => `I6: ${what} of attempt ${attempt} of job ${job} came after the next one`,
  );
}

export async function readOrganizationId(databaseUrl: string): Promise<string> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ id: string }>('SELECT id FROM organizations ORDER BY created_at LIMIT 1'),
  );
  return rows[0]!.id;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // it may die in the middle: the query says so
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
