import { writeFileSync } from 'node:fs';
import { settingsJsonSchema } from './json-schema.js';

// `node runner/dist/settings/write-json-schema.js` after every change of settings.schema.ts; a test checks it
writeFileSync(new URL('../../runner.schema.json', import.meta.url), settingsJsonSchema());
