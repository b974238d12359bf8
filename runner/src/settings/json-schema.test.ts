import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settingsJsonSchema } from './json-schema.js';

test('the published JSON Schema is current (else: node runner/dist/settings/write-json-schema.js, then prettier)', () => {
  const published = readFileSync(new URL('../../runner.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(settingsJsonSchema()));
});
