import type { Page } from '@dibs/shared';
import { request } from './http';

/** Of what is few enough to be shown whole. */
export async function readAll<Item>(path: string, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: 100, cursor };
    const page: Page<Item> = await request<Page<Item>>('GET', path, { query, ...(signal && { signal }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
