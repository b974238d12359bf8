import { writeFileSync } from 'node:fs';
import { policyJsonSchema, settingsJsonSchema } from './json-schema.js';

// `node runner/dist/settings/write-json-schema.js` after every change of one of the schemas; a test checks it
writeFileSync(new URL('../../runner.schema.json', import.meta.url), settingsJsonSchema());
writeFileSync(new URL('../../policy.schema.json', import.meta.url), policyJsonSchema());
