import { z } from 'zod';
import { POLICY_SCHEMA } from '../policy/policy.schema.js';
import { SETTINGS_SCHEMA } from './settings.schema.js';

/** The JSON Schema of `runner.json` as it is published in runner/runner.schema.json. */
export function settingsJsonSchema(): string {
  return described('Settings of a Dibs runner (runner.json)', SETTINGS_SCHEMA);
}

/** The same for its policy file, published in runner/policy.schema.json. */
export function policyJsonSchema(): string {
  return described('What a Dibs runner allows (RUNNER_POLICY_FILE)', POLICY_SCHEMA);
}

function described(title: string, schema: z.ZodType): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}
