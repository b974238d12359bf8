import { JOB_TRANSITIONS } from '../../src/domain/job/job-state-machine.js';
import { withClient } from './access-fixtures.js';

/** Has the database itself refuse every change of a job's state that the transition table does not have. */
export function enforceTransitions(databaseUrl: string): Promise<void> {
  const allowed = Object.entries(JOB_TRANSITIONS).flatMap(([from, next]) => next.map((to) => `('${from}', '${to}')`));
  return withClient(databaseUrl, async (client) => {
    await client.query(/* sql */ `
      CREATE TABLE allowed_transitions (before text, after text, PRIMARY KEY (before, after));
      INSERT INTO allowed_transitions VALUES ${allowed.join(', ')};
      CREATE FUNCTION enforce_transitions() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS (SELECT FROM allowed_transitions WHERE before = OLD.state AND after = NEW.state) THEN
            RAISE EXCEPTION 'illegal transition of a job: % to %', OLD.state, NEW.state;
          END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER enforce_transitions BEFORE UPDATE ON jobs
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION enforce_transitions();
    `);
  });
}
