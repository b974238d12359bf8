import type { DefinitionChanges } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { nodePath, type SettingsHolder } from './hierarchy';
import { apiPath, request, requestText } from './http';
import { keys } from './keys';

/** What is set there and inside, as YAML. */
export function useDefinition(holder: SettingsHolder) {
  return useQuery({
    queryKey: keys.definition(holder?.kind ?? 'organization', holder?.id ?? ''),
    queryFn: ({ signal }) => requestText(definitionPath(holder), { signal }),
  });
}

/** Where a browser downloads it. */
export function definitionAddress(holder: SettingsHolder): string {
  return apiPath(definitionPath(holder));
}

export interface DefinitionImport {
  readonly text: string;
  /** true: what is not in the definition is deleted. */
  readonly prune: boolean;
  /** true: only tells what would change. */
  readonly dryRun: boolean;
}

/** A definition with thousands of modules takes a while. */
const IMPORT_TIMEOUT_MS = 120_000;

export function useImportDefinition(holder: SettingsHolder) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, prune, dryRun }: DefinitionImport) =>
      request<DefinitionChanges>('PUT', definitionPath(holder), {
        query: { prune: String(prune), dryRun: String(dryRun) },
        raw: { contentType: 'application/yaml', data: text },
        timeoutMs: IMPORT_TIMEOUT_MS,
      }),
    onSettled: (_answer, _error, { dryRun }) =>
      dryRun ? undefined : client.invalidateQueries({ queryKey: keys.hierarchy }),
  });
}

function definitionPath(holder: SettingsHolder): string {
  return `${holder === null ? '/organization' : nodePath(holder.kind, holder.id)}/definition`;
}
