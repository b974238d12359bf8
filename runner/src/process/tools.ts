import type { Tool } from '@dibs/shared';

/**
 * Which of the usual tools (terraform, tofu, pulumi, docker, git) and of `names` are on PATH or in `extraDirs`,
 * with their versions. Never rejects; bounded by a few seconds.
 */
export function findTools(_names: readonly string[], _extraDirs: readonly string[]): Promise<Tool[]> {
  throw new Error('in work');
}
