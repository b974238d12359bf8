import type {
  ApiTokenCreated,
  ApiTokenView,
  OrganizationView,
  RetentionRule,
  RetentionView,
  Role,
  ServicePrincipalCreated,
  ServicePrincipalView,
  UpdateOrganizationBody,
  UserView,
} from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';
import { usePages } from './pages';

/** Nothing tells of changes that another administrator makes; they are rare. */
const POLL_EVERY_MS = 10_000;

export function useUsers() {
  return usePages<UserView>(keys.users, '/users', { pollEveryMs: POLL_EVERY_MS });
}

export function useServicePrincipals() {
  return usePages<ServicePrincipalView>(keys.principals, '/service-principals', { pollEveryMs: POLL_EVERY_MS });
}

export function useApiTokens() {
  return usePages<ApiTokenView>(keys.apiTokens, '/api-tokens', { pollEveryMs: POLL_EVERY_MS });
}

export function useOrganization() {
  return useQuery({
    queryKey: keys.organization,
    queryFn: ({ signal }) => request<OrganizationView>('GET', '/organization', { signal }),
    refetchInterval: POLL_EVERY_MS,
  });
}

export function useCreateUser() {
  return useAccessMutation((body: { email: string; password: string; role: Role }) =>
    request<UserView>('POST', '/users', { body }),
  );
}

export interface UserChange {
  readonly role?: Role;
  readonly disabled?: boolean;
  readonly password?: string;
}

export function useUpdateUser(id: string) {
  return useAccessMutation((body: UserChange) =>
    request<UserView>('PATCH', `/users/${encodeURIComponent(id)}`, { body }),
  );
}

export function useCreateServicePrincipal() {
  return useAccessMutation((body: { name: string; role: Role | null }) =>
    request<ServicePrincipalCreated>('POST', '/service-principals', { body }),
  );
}

export function useUpdateServicePrincipal(id: string) {
  return useAccessMutation((body: { role?: Role; disabled?: boolean }) =>
    request<ServicePrincipalView>('PATCH', principalPath(id), { body }),
  );
}

export function useDeleteServicePrincipal(id: string) {
  return useAccessMutation(() => request('DELETE', principalPath(id)));
}

/** @param id of the principal; earlier secrets end after `overlapSeconds` */
export function useRotateSecret(id: string) {
  return useAccessMutation((overlapSeconds: number) =>
    request<ServicePrincipalCreated>('POST', `${principalPath(id)}/rotate-secret`, { body: { overlapSeconds } }),
  );
}

export function useCreateApiToken() {
  return useAccessMutation((body: { name: string; role: Role; expiresInSeconds?: number }) =>
    request<ApiTokenCreated>('POST', '/api-tokens', { body }),
  );
}

export function useRevokeApiToken(id: string) {
  return useAccessMutation(() => request('DELETE', `/api-tokens/${encodeURIComponent(id)}`));
}

export function useUpdateOrganization() {
  const client = useQueryClient();
  return useAccessMutation(async (body: UpdateOrganizationBody) => {
    const updated = await request<OrganizationView>('PATCH', '/organization', { body });
    // its name stands beside one's own
    await client.invalidateQueries({ queryKey: keys.session });
    return updated;
  });
}

export function useRetention() {
  return useQuery({
    queryKey: keys.retention,
    queryFn: ({ signal }) => request<RetentionView>('GET', '/organization/retention', { signal }),
    refetchInterval: POLL_EVERY_MS,
  });
}

export function useSetRetention() {
  return useAccessMutation((body: RetentionRule) => request<RetentionView>('PUT', '/organization/retention', { body }));
}

function useAccessMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  // what somebody holds of a runner or of themselves may have changed with it
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.access }) });
}

function principalPath(id: string): string {
  return `/service-principals/${encodeURIComponent(id)}`;
}
