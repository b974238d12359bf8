import { ENGINE_COMMANDS } from '@dibs/shared';
import semver from 'semver';
import { z } from 'zod';

/**
 * What the file may say. A rule that is absent limits nothing; what a rule does not list is refused. `scripts` must be said,
 * because every other rule is worth nothing to whoever can send a script.
 */
export const POLICY_SCHEMA = z.strictObject({
  $schema: z.string().optional(),
  scripts: z
    .boolean({ error: 'must be said: true or false' })
    .describe(
      'Whether steps may be scripts of the server. false: only engines run, and hooks if HooksPreapproval is enabled.',
    ),
  sources: z
    .strictObject({
      git: patterns('URLs').describe('git URLs that may be fetched, with * and **. Absent: none.'),
      archives: patterns('SHA-256 sums').describe(
        'SHA-256 sums of uploaded archives that may be fetched, with * for any. Absent: none.',
      ),
      files: patterns('paths').describe('Paths of the files that the server may add, with * and **. Absent: none.'),
      // -from-module and -plugin-dir bring code from elsewhere, and they are not the only ones
      flags: patterns('flags').describe('Flags that the server may give to an engine, with *. Absent: none.'),
    })
    .optional()
    .describe('Where the configuration and what steers the engine may come from.'),
  engines: z
    .strictObject({ terraform: versions(), tofu: versions(), pulumi: versions() })
    .optional()
    .describe('Engines that may be used, each with a range of versions as npm writes them (* for any).'),
  commands: z
    .array(z.enum(ENGINE_COMMANDS), { error: `must be a list of ${ENGINE_COMMANDS.join(', ')}` })
    .optional()
    .describe('What jobs of modules may have an engine do.'),
  maximumDestroys: z
    .int({ error: 'must be a whole number from 0' })
    .min(0, { error: 'must be a whole number from 0' })
    .optional()
    .describe('Plans that destroy more are not applied. What is replaced counts.'),
});

export type Policy = Omit<z.output<typeof POLICY_SCHEMA>, '$schema'>;

function patterns(what: string) {
  const pattern = z.string().min(1).max(2048);
  return z.array(pattern, { error: `must be a list of patterns of ${what}` }).default([]);
}

function versions() {
  const error = 'must be a range of versions such as >=1.9 <2';
  return z
    .string({ error })
    .refine((range) => range.trim() !== '' && semver.validRange(range) !== null, { error })
    .optional();
}
