import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId, Role, ServicePrincipalId } from '@dibs/shared';

@Entity('service_principals')
export class ServicePrincipalEntity {
  @PrimaryColumn('uuid')
  id!: ServicePrincipalId;

  @Column('uuid', { name: 'organization_id' })
  organizationId!: OrganizationId;

  @Column('text')
  name!: string;

  @Column('text', { name: 'client_id' })
  clientId!: string;

  /** null: a runner's principal, which may use the runner link and nothing else. */
  @Column('text', { nullable: true })
  role!: Role | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt!: Date;
}
