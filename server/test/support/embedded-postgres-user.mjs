/** A process that uses the embedded database: `node embedded-postgres-user.mjs DATA_DIR die|leave`. */
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/database/embedded/embedded-postgres.js';

const [dataDir, end] = process.argv.slice(2);
const database = await startEmbeddedPostgres({ dataDir, durable: false });
const client = new pg.Client({ connectionString: database.url });
await client.connect();
// IF NOT EXISTS does not wait for another process that creates it at the same moment
await client.query('SELECT pg_advisory_lock(1)');
await client.query('CREATE TABLE IF NOT EXISTS written (at timestamptz DEFAULT now())');
await client.query('INSERT INTO written DEFAULT VALUES');
if (end === 'die') process.kill(process.pid, 'SIGKILL');
await client.end();
await database.stop();
