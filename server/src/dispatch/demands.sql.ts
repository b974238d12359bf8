/**
 * What a job `j` demands of an instance, as one small object: the rest of a spec may be a megabyte. A job that waits
 * for the instance it was lost with demands that one, whatever its spec says.
 */
export const DEMANDS = /* sql */ `jsonb_build_object('executor', j.spec->'executor', 'requires', j.spec->'requires',
  'runner', COALESCE(to_jsonb(j.pinned_runner), j.spec->'runner'),
  'instance', COALESCE(to_jsonb(j.pinned_instance), j.spec->'instance'),
  'scope', j.spec->'scope', 'slots', j.spec->'slots')`;
