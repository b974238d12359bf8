import type {
  AssignmentKind,
  CreateHierarchyNodeBody,
  EffectiveSettings,
  HierarchyNodeSummary,
  HierarchyNodeView,
  ModuleSettingsPatch,
  OrganizationSettingsView,
} from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { readAll } from './all-pages';
import { request } from './http';
import { keys } from './keys';

/** Nothing tells of changes that somebody else makes; they are rare. */
const POLL_EVERY_MS = 10_000;

/** Those inside of `parentId`; of stacks it is null. @param isWanted false: not yet known inside of what */
export function useNodes(kind: AssignmentKind, parentId: string | null, isWanted = true) {
  return useQuery({
    queryKey: keys.nodes(kind, parentId),
    queryFn: ({ signal }) => readAll<HierarchyNodeSummary>(listPath(kind, parentId), signal),
    refetchInterval: POLL_EVERY_MS,
    enabled: isWanted,
  });
}

/** @param id '': not known yet */
export function useNode(kind: AssignmentKind, id: string) {
  return useQuery({
    queryKey: keys.node(kind, id),
    queryFn: ({ signal }) => request<HierarchyNodeView>('GET', nodePath(kind, id), { signal }),
    refetchInterval: POLL_EVERY_MS,
    enabled: id !== '',
  });
}

export function useEffectiveSettings(kind: AssignmentKind, id: string) {
  return useQuery({
    queryKey: keys.effective(kind, id),
    queryFn: ({ signal }) => request<EffectiveSettings>('GET', `${nodePath(kind, id)}/effective`, { signal }),
    refetchInterval: POLL_EVERY_MS,
    enabled: id !== '',
  });
}

export function useOrganizationSettings() {
  return useQuery({
    queryKey: keys.organizationSettings,
    queryFn: ({ signal }) => request<OrganizationSettingsView>('GET', '/organization/module-settings', { signal }),
    refetchInterval: POLL_EVERY_MS,
  });
}

export function useCreateNode(kind: AssignmentKind, parentId: string | null) {
  return useHierarchyMutation((body: CreateHierarchyNodeBody) =>
    request<HierarchyNodeView>('POST', listPath(kind, parentId), { body }),
  );
}

export function useRenameNode(kind: AssignmentKind, id: string) {
  return useHierarchyMutation((name: string) =>
    request<HierarchyNodeView>('PATCH', nodePath(kind, id), { body: { name } }),
  );
}

/** What is read of the node itself is left alone: its page must not learn that it is gone before it has been left. */
export function useDeleteNode(kind: AssignmentKind, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request('DELETE', nodePath(kind, id)),
    onSettled: () => client.invalidateQueries({ queryKey: keys.nodeLists }),
  });
}

/** Whose settings are changed; null: what every module of the organization starts from. */
export type SettingsHolder = { readonly kind: AssignmentKind; readonly id: string } | null;

export function useChangeSettings(holder: SettingsHolder) {
  const path = holder === null ? '/organization/module-settings' : nodePath(holder.kind, holder.id);
  return useHierarchyMutation((settings: ModuleSettingsPatch) => request('PATCH', path, { body: { settings } }));
}

function useHierarchyMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.hierarchy }) });
}

export function nodePath(kind: AssignmentKind, id: string): string {
  return `/${kind}s/${encodeURIComponent(id)}`;
}

function listPath(kind: AssignmentKind, parentId: string | null): string {
  if (kind === 'stack' || parentId === null) return '/stacks';
  return `${nodePath(kind === 'namespace' ? 'stack' : 'namespace', parentId)}/${kind}s`;
}
