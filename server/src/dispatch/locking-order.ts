import type { JobId } from '@dibs/shared';

/**
 * Where these stand in the order of job ids. All statements lock jobs in it, so that no two of them wait for each other.
 *
 * @returns indexes into `items`
 */
export function lockingOrder(items: readonly { readonly jobId: JobId }[]): number[] {
  return items.map((_, index) => index).sort((a, b) => (items[a]!.jobId < items[b]!.jobId ? -1 : 1));
}
