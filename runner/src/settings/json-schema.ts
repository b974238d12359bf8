import { z } from 'zod';
import { SETTINGS_SCHEMA } from './settings.schema.js';

/** The JSON Schema of `runner.json` as it is published in runner/runner.schema.json. */
export function settingsJsonSchema(): string {
  const schema = z.toJSONSchema(SETTINGS_SCHEMA, { io: 'input' });
  return `${JSON.stringify({ title: 'Settings of a Dibs runner (runner.json)', ...schema }, null, 2)}\n`;
}
