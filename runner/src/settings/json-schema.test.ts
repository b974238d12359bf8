import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { policyJsonSchema, settingsJsonSchema } from './json-schema.js';

test.each([
  ['runner.schema.json', settingsJsonSchema],
  ['policy.schema.json', policyJsonSchema],
])('%s is current (else: node runner/dist/settings/write-json-schema.js, then prettier)', (file, schema) => {
  const published = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(schema()));
});
