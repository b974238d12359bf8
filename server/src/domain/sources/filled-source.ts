import type { SourceBody, SourceSpec } from '@dibs/shared';

/** With every part of what was left out; of `versions` nothing, because it stands instead of a revision. */
export function filledSource(source: SourceBody): SourceSpec {
  const path = source.path ?? null;
  // a SHA-256 is stored in the one spelling in which it is compared
  if (source.type === 'archive') return { type: 'archive', sha256: source.sha256.toLowerCase(), path };
  const { type, url, revision = null, versions = null, depth = null } = source;
  return { type, url, revision, ...(versions !== null && { versions }), path, depth };
}
