import type { RunnerId, OrganizationId } from '@dibs/shared';
import type { TokenOrigin } from '../auth/principal.service.js';

/** Who is at the other end of an authenticated socket that has not said hello yet. All of it but the names of the
 *  instance and of its process comes from the token. */
export interface Visitor {
  readonly organizationId: OrganizationId;
  readonly runnerId: RunnerId;
  readonly runnerName: string;
  readonly instanceName: string;
  readonly bootId: string;
  readonly token: TokenOrigin & { readonly expiresAt: Date };
}
