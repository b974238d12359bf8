import type { ChangePasswordBody, Me, Permission, SignInBody } from '@dibs/shared';
import { useQuery } from '@tanstack/react-query';
import { isApiError } from './api-error';
import { request } from './http';
import { keys } from './keys';

export function signIn(body: SignInBody): Promise<Me> {
  return request('POST', '/session', { body });
}

export function signOut(): Promise<void> {
  return request('DELETE', '/session');
}

export function changePassword(body: ChangePasswordBody): Promise<void> {
  return request('PUT', '/session/password', { body });
}

/** Who is signed in; `null`: nobody. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        return await request<Me>('GET', '/session', { signal });
      } catch (error) {
        if (isApiError(error, 401)) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Only hides what would be refused anyway; the server decides. */
export function usePermission(permission: Permission): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}
