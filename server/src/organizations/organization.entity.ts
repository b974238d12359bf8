import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId } from '@dibs/shared';

@Entity('organizations')
export class OrganizationEntity {
  @PrimaryColumn('uuid')
  id!: OrganizationId;

  @Column('text')
  name!: string;

  /** The one that the environment of the server speaks of, whatever it is called. */
  @Column('boolean', { name: 'is_default', default: false })
  isDefault!: boolean;

  /** Jobs that may be queued, claimed and running at a time; null: any number. */
  @Column('integer', { name: 'max_running_jobs', nullable: true })
  maxRunningJobs!: number | null;

  /** What each log may take; null: as much as the server allows. */
  @Column('integer', { name: 'log_limit_mib', nullable: true })
  logLimitMib!: number | null;
}
