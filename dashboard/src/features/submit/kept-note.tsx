import { Callout } from '../../ui/callout';
import type { Kept } from './job-draft';

/** What the form has no fields for, so that nobody wonders whether it was lost. */
export function KeptNote({ kept }: { readonly kept: Kept }) {
  const parts = [
    kept.executor && `the executor ${kept.executor.type}`,
    kept.archive && `the uploaded archive ${kept.archive.sha256.slice(0, 12)}`,
    kept.onReasons && 'the reasons it is tried again for',
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return (
    <Callout tone="neutral">
      Kept as it was: <bdi>{parts.join(', ')}</bdi>.
    </Callout>
  );
}
