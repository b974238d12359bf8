import type { AssignmentKind, CreateRoleGrantBody, RoleGrantView } from '@dibs/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { nodePath } from './hierarchy';
import { request } from './http';
import { keys } from './keys';
import { usePages } from './pages';

const POLL_EVERY_MS = 10_000;

/** Of the node itself; what is granted further out counts as well and is listed there. */
export function useRoleGrants(kind: AssignmentKind, id: string) {
  return usePages<RoleGrantView>(keys.roleGrants(kind, id), `${nodePath(kind, id)}/role-grants`, {
    pollEveryMs: POLL_EVERY_MS,
  });
}

export function useGrantRole(kind: AssignmentKind, id: string) {
  return useGrantMutation((body: CreateRoleGrantBody) =>
    request<RoleGrantView>('POST', `${nodePath(kind, id)}/role-grants`, { body }),
  );
}

export function useTakeRoleBack(kind: AssignmentKind, id: string) {
  return useGrantMutation((grantId: string) =>
    request('DELETE', `${nodePath(kind, id)}/role-grants/${encodeURIComponent(grantId)}`),
  );
}

function useGrantMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  // what one may do oneself may have changed with it
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.hierarchy }) });
}
