/**
 * Runs one part in the foreground: `node scripts/run-part.mjs server/dist/main.js [arguments]`. Ends with its exit code;
 * SIGTERM, Ctrl-C and the end of npm reach it as SIGTERM.
 */
import path from 'node:path';
import { Part } from './lib/part.mjs';
import { onStopRequest } from './lib/stop-requests.mjs';

const [script, ...args] = process.argv.slice(2);
const part = new Part(path.basename(script), script, { args });
onStopRequest(() => part.terminate());

const { code, signal } = await part.ended;
process.exit(signal ? 1 : code);
