import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { ClientCredentials, OrganizationId, Role, ServicePrincipalId } from '@dibs/shared';
import { uuidv7 } from '../../platform/uuid.js';
import { generateSecret, hashGenerated } from '../credentials/generated-secret.js';
import { ServicePrincipalEntity } from './service-principal.entity.js';
import { ServicePrincipalSecretEntity } from './service-principal-secret.entity.js';

/** The secret that `rotate-secret` replaces. Others are labelled by what they are for. */
export const MAIN_SECRET = 'main';

/** Tokens got with a secret live at most this long after it; its row is kept until then. */
const KEEP_EXPIRED = "interval '20 minutes'";

export async function insertPrincipal(
  manager: EntityManager,
  principal: { readonly organizationId: OrganizationId; readonly name: string; readonly role: Role | null },
): Promise<ServicePrincipalEntity> {
  const id = uuidv7() as ServicePrincipalId;
  const clientId = `client_${randomBytes(12).toString('hex')}`;
  await manager.insert(ServicePrincipalEntity, { id, clientId, ...principal });
  return manager.findOneByOrFail(ServicePrincipalEntity, { id });
}

/** Makes a secret, in the place of the one with the same label; tokens that were got with that one end. */
export async function issueSecret(
  manager: EntityManager,
  principal: ServicePrincipalEntity,
  label: string,
): Promise<ClientCredentials> {
  const clientSecret = generateSecret();
  await replaceSecret(manager, principal, label, hashGenerated(clientSecret));
  return { clientId: principal.clientId, clientSecret };
}

export async function replaceSecret(
  manager: EntityManager,
  principal: Pick<ServicePrincipalEntity, 'id' | 'organizationId'>,
  label: string,
  secretHash: string,
): Promise<void> {
  const { organizationId, id: servicePrincipalId } = principal;
  await manager.delete(ServicePrincipalSecretEntity, { servicePrincipalId, label });
  // a new id: it is what tokens are bound to
  const id = uuidv7();
  await manager.insert(ServicePrincipalSecretEntity, { id, organizationId, servicePrincipalId, label, secretHash });
}

/** Ends all secrets and tokens of the principal now. */
export async function revokeSecrets(manager: EntityManager, servicePrincipalId: ServicePrincipalId): Promise<void> {
  await manager.delete(ServicePrincipalSecretEntity, { servicePrincipalId });
  await revokeTokens(manager, servicePrincipalId);
}

/** Ends the tokens issued so far; secrets stay. */
export async function revokeTokens(manager: EntityManager, servicePrincipalId: ServicePrincipalId): Promise<void> {
  await manager.query('UPDATE service_principals SET revoked_before = clock_timestamp() WHERE id = $1', [
    servicePrincipalId,
  ]);
}

/** Lets all present secrets end after the overlap, and frees their labels. */
export async function expireSecrets(
  manager: EntityManager,
  servicePrincipalId: ServicePrincipalId,
  overlapSeconds: number,
): Promise<void> {
  await manager.query(
    `DELETE FROM service_principal_secrets
     WHERE service_principal_id = $1 AND expires_at < clock_timestamp() - ${KEEP_EXPIRED}`,
    [servicePrincipalId],
  );
  await manager.query(
    `UPDATE service_principal_secrets
     SET label = 'rotated:' || id, expires_at = least(expires_at, clock_timestamp() + make_interval(secs => $2))
     WHERE service_principal_id = $1`,
    [servicePrincipalId, overlapSeconds],
  );
}
