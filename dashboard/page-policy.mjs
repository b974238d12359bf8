import { randomBytes } from 'node:crypto';

/**
 * What a page may load and run. Scripts: only ours, and of inline ones only those that carry the nonce of this answer,
 * so text from logs and names could not run even if it got into a page as HTML. Styles: the component library writes
 * some inline. Connections: also to the server's own address, which is not known here (sockets do not pass this process).
 *
 * Next gives its inline scripts the nonce that it finds in this header of the *request*.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
export function applyPagePolicy(request, response) {
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${randomBytes(16).toString('base64')}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  request.headers['content-security-policy'] = policy;
  response.setHeader('Content-Security-Policy', policy);
}
