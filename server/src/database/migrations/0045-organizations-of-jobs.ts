import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The organization of a job is not looked up and locked with each submit any more: it is that of whoever submits, whose own
 * row refers to it. That no organization goes away under its jobs is seen to where organizations go away.
 */
export class OrganizationsOfJobs1767484800000 implements MigrationInterface {
  readonly name = 'OrganizationsOfJobs1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE job_submissions DROP CONSTRAINT job_submissions_organization_id_fkey;

      CREATE FUNCTION keep_organizations_of_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM job_submissions WHERE organization_id = OLD.id) THEN
          RAISE EXCEPTION 'organization % still has jobs', OLD.id USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER keep_organizations_of_jobs AFTER DELETE OR UPDATE OF id ON organizations
        FOR EACH ROW EXECUTE FUNCTION keep_organizations_of_jobs();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP TRIGGER keep_organizations_of_jobs ON organizations;
      DROP FUNCTION keep_organizations_of_jobs;
      ALTER TABLE job_submissions ADD FOREIGN KEY (organization_id) REFERENCES organizations (id);
    `);
  }
}
