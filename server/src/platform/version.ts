import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Of this server, as its package says. */
export const SERVER_VERSION = manifest.version;
