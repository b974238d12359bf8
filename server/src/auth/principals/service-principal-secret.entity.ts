import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId, ServicePrincipalId } from '@dibs/shared';

/** A principal may hold several: two while one is rotated with overlap, and one for each registered instance. */
@Entity('service_principal_secrets')
export class ServicePrincipalSecretEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId!: OrganizationId;

  @Column('uuid', { name: 'service_principal_id' })
  servicePrincipalId!: ServicePrincipalId;

  @Column('text')
  label!: string;

  @Column('text', { name: 'secret_hash' })
  secretHash!: string;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;
}
