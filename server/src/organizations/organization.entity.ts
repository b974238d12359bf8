import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId } from '@dibs/shared';

@Entity('organizations')
export class OrganizationEntity {
  @PrimaryColumn('uuid')
  id!: OrganizationId;

  @Column('text')
  name!: string;

  /** Jobs that may be queued, claimed and running at a time; null: any number. */
  @Column('integer', { name: 'max_running_jobs', nullable: true })
  maxRunningJobs!: number | null;
}
