import type { ComboboxItem, ComboboxItemGroup } from '@mantine/core';
import { useApiTokens, useServicePrincipals, useUsers } from '../../api/access';

/** Those who can be chosen as actors: who is there now, and whoever is chosen already. */
export function useActors(chosen: string): ComboboxItemGroup<ComboboxItem>[] {
  const users = useUsers().data?.pages.flatMap(({ items }) => items) ?? [];
  const principals = useServicePrincipals().data?.pages.flatMap(({ items }) => items) ?? [];
  const tokens = useApiTokens().data?.pages.flatMap(({ items }) => items) ?? [];
  const groups = [
    { group: 'Users', items: users.map(({ id, email }) => ({ value: id, label: email })) },
    { group: 'Service principals', items: principals.map(({ id, name }) => ({ value: id, label: name })) },
    { group: 'API tokens', items: tokens.map(({ id, name }) => ({ value: id, label: name })) },
    { group: 'The server', items: [{ value: 'bootstrap', label: 'at its start' }] },
  ];
  const isKnown = chosen === '' || groups.some(({ items }) => items.some(({ value }) => value === chosen));
  // one who is gone, or beyond the first page of the list
  const others = isKnown ? [] : [{ group: 'Others', items: [{ value: chosen, label: chosen }] }];
  return [...groups.filter(({ items }) => items.length > 0), ...others];
}
