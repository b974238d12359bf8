/**
 * The settings of the dashboard process.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ port: number, host: string, serverUrl: URL }}
 * @throws {Error} whose message names the variable and what it may be
 */
export function readSettings(env) {
  return Object.freeze({
    port: readPort(env.DASHBOARD_PORT || '3001'),
    host: env.HOST || '127.0.0.1',
    serverUrl: readServerUrl(env.DIBS_SERVER_URL || 'http://127.0.0.1:3000'),
  });
}

function readPort(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new Error(`DASHBOARD_PORT is "${text}": it must be a whole number from 0 (any free port) to 65535.`);
  }
  return port;
}

function readServerUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash) {
    throw new Error(`DIBS_SERVER_URL is "${text}": it must be the server's address, as in http://127.0.0.1:3000.`);
  }
  return url;
}
