/**
 * What a job `j` with its submission `s` demands of an instance, as one small object: the rest of a spec may be a megabyte. A job that waits
 * for the instance it was lost with demands that one, whatever its spec says.
 */
export const DEMANDS = /* sql */ `jsonb_build_object('executor', s.spec->'executor', 'requires', s.spec->'requires',
  'runner', COALESCE(to_jsonb(j.pinned_runner), s.spec->'runner'),
  'instance', COALESCE(to_jsonb(j.pinned_instance), s.spec->'instance'),
  'scope', s.spec->'scope', 'slots', s.spec->'slots')`;
