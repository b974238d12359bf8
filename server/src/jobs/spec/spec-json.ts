import type { JobSpec } from '@dibs/shared';

declare const kind: unique symbol;

/**
 * A spec as JSON text, as it is stored and as runners get it. On that way the server has nothing to read in it, and
 * parsing it only to write it again would be the largest part of what a grant costs.
 */
export type SpecJson = string & { readonly [kind]: 'SpecJson' };

export function toSpecJson(spec: JobSpec): SpecJson {
  return JSON.stringify(spec) as SpecJson;
}

export function parseSpecJson(json: SpecJson): JobSpec {
  return JSON.parse(json) as JobSpec;
}
