import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream';

/** Headers that speak about one connection and not about the message (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Passes requests on to the server as they are: method, path, cookies, Origin and body go up; status, Set-Cookie,
 * problem details and streams come down, redirects included. It is not a rewrite of next.config, because those are
 * fixed at build time and the address of the server belongs to the installation.
 *
 * @param {URL} serverUrl
 * @returns {(request: http.IncomingMessage, response: http.ServerResponse) => void}
 */
export function createApiProxy(serverUrl) {
  const client = serverUrl.protocol === 'https:' ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 256 });
  const basePath = serverUrl.pathname.replace(/\/$/, '');

  return function proxy(request, response, isRetry = false) {
    const upstream = client.request({
      agent,
      protocol: serverUrl.protocol,
      hostname: serverUrl.hostname.replace(/^\[|\]$/g, ''),
      port: serverUrl.port,
      method: request.method,
      path: basePath + request.url,
      headers: requestHeaders(request, serverUrl),
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.statusMessage, withoutHopByHop(answer.headers));
      response.flushHeaders();
      pipeline(answer, response, () => {});
    });
    upstream.on('error', (error) => {
      // The server closed a kept-alive connection in the moment it was used again: not an error of this request.
      if (upstream.reusedSocket && error.code === 'ECONNRESET' && !isRetry && isRepeatable(request)) {
        proxy(request, response, true);
      } else {
        answerUnreachable(response, error);
      }
    });
    // The browser went away: a followed log must not go on being read for nobody.
    response.once('close', () => upstream.destroy());
    if (hasNoBody(request)) upstream.end();
    else pipeline(request, upstream, () => {});
  };
}

function isRepeatable(request) {
  return ['GET', 'HEAD'].includes(request.method) && hasNoBody(request);
}

/**
 * By the headers, not by the method: a GET may have a body, and one that is announced but not passed on would make the
 * server take the beginning of the next request on that connection, somebody else's, for it.
 */
function hasNoBody({ headers }) {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

function requestHeaders(request, serverUrl) {
  const client = request.socket.remoteAddress ?? '';
  const before = request.headers['x-forwarded-for'];
  // The server tells browsers its own address (for sockets) by the Host it sees; the dashboard's would mislead it.
  const { 'x-forwarded-host': _dashboardHost, ...headers } = withoutHopByHop(request.headers);
  // said, because Node would send the body of a GET or DELETE without any framing: as if it were the next request
  const framing = 'transfer-encoding' in request.headers ? { 'transfer-encoding': 'chunked' } : {};
  return { ...headers, ...framing, host: serverUrl.host, 'x-forwarded-for': before ? `${before}, ${client}` : client };
}

function withoutHopByHop(headers) {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name)),
  );
}

function answerUnreachable(response, error) {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = {
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    code: 'server_unreachable',
    detail: `The dashboard cannot reach the Dibs server (${error.code ?? 'connection failed'}).`,
    requestId: '',
  };
  response.writeHead(502, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(problem));
}
