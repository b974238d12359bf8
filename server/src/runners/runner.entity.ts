import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId, RunnerId, ServicePrincipalId } from '@dibs/shared';

/** The record an administrator registers. Connected processes of it are rows of `runner_instances`. */
@Entity('runners')
export class RunnerEntity {
  @PrimaryColumn('uuid')
  id!: RunnerId;

  @Column('uuid', { name: 'organization_id' })
  organizationId!: OrganizationId;

  @Column('text')
  name!: string;

  @Column('uuid', { name: 'service_principal_id' })
  servicePrincipalId!: ServicePrincipalId;

  @Column('boolean', { name: 'allow_multiple_instances' })
  allowMultipleInstances!: boolean;

  @Column('boolean', { name: 'is_assigned_to_all_modules' })
  isAssignedToAllModules!: boolean;

  /** Higher goes first among instances that fit a job equally well; -100 to 100. */
  @Column('integer')
  priority!: number;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt!: Date;
}
