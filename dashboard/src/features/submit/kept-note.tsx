import { Callout } from '../../ui/callout';
import type { Kept } from './job-draft';

/** What the form has no fields for, so that nobody wonders whether it was lost. */
export function KeptNote({ kept }: { readonly kept: Kept }) {
  const parts = [
    kept.source && `the source ${kept.source.url}`,
    kept.files && (kept.files.length === 1 ? 'its file' : `its ${kept.files.length} files`),
    kept.executor && `the executor ${kept.executor.type}`,
    kept.scope && 'what it deploys',
    kept.prefers && 'the labels it prefers',
    kept.onReasons && 'the reasons it is tried again for',
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return (
    <Callout tone="neutral">
      Kept as it was: <bdi>{parts.join(', ')}</bdi>.
    </Callout>
  );
}
