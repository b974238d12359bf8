import { NOT_A_FORM, OAuthError } from '../../platform/http/oauth-error.js';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The parts of a token request that were understood; secrets are still unproven. */
export interface TokenRequest extends ClientCredentials {
  /**
   * Basic without the encoding of §2.3.1, where that makes a difference. `curl -u` and most clients leave it out, and
   * a secret with `+` or `%` in it would be a wrong one for them alone.
   */
  readonly verbatim?: ClientCredentials;
  /** How the client authenticated decides how a refusal must look. */
  readonly method: 'basic' | 'body';
}

const MAX_CREDENTIAL_CHARACTERS = 1_000;

/**
 * Reads a client credentials request to the letter of RFC 6749 §2.3.1, §3.2 and §4.4.2: a form, no parameter twice,
 * exactly one way of authenticating.
 *
 * @param form undefined: the body was no form
 * @throws OAuthError
 */
export function readTokenRequest(form: URLSearchParams | undefined, authorization: string | undefined): TokenRequest {
  if (form === undefined) throw invalid(NOT_A_FORM);
  const parameters = uniqueParameters(form);
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw invalid('grant_type is missing.');
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials.');
  }
  // there are no scopes: what a client may do is the role of its principal
  if (parameters.has('scope')) throw new OAuthError('invalid_scope', 'Scopes are not supported; leave scope out.');
  return readCredentials(parameters, authorization);
}

function uniqueParameters(form: URLSearchParams): Map<string, string> {
  const seen = new Set<string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of form) {
    if (seen.has(name)) throw invalid('A parameter is repeated.');
    seen.add(name);
    // §3.2: parameters without a value are treated as if they were left out
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

function readCredentials(parameters: ReadonlyMap<string, string>, authorization: string | undefined): TokenRequest {
  const bodyId = parameters.get('client_id');
  const bodySecret = parameters.get('client_secret');
  if (authorization === undefined) {
    if (bodyId === undefined || bodySecret === undefined) {
      throw new OAuthError('invalid_client', 'Client authentication is missing.', 401, BASIC_CHALLENGE);
    }
    return bounded({ clientId: bodyId, clientSecret: bodySecret, method: 'body' });
  }
  const basic = readBasic(authorization);
  if (bodySecret !== undefined) throw invalid('The client authenticated in two ways; use one.');
  // §3.2.1 lets a client name itself in the body as well; it must be the same one
  if (bodyId !== undefined && bodyId !== basic.clientId && bodyId !== basic.verbatim?.clientId)
    throw invalid('client_id differs from the one in Basic.');
  return bounded(basic);
}

function readBasic(authorization: string): TokenRequest {
  const match = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(authorization);
  const decoded = match === null ? '' : Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw malformedBasic();
  const verbatim = { clientId: decoded.slice(0, colon), clientSecret: decoded.slice(colon + 1) };
  const clientId = formDecode(verbatim.clientId);
  const clientSecret = formDecode(verbatim.clientSecret);
  if (clientId === null || clientSecret === null) return { ...verbatim, method: 'basic' };
  const same = clientId === verbatim.clientId && clientSecret === verbatim.clientSecret;
  return { clientId, clientSecret, method: 'basic', ...(same ? {} : { verbatim }) };
}

/** §2.3.1: id and secret are form-urlencoded before they go into Basic. @returns null for what is not encoded so */
function formDecode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function bounded(request: TokenRequest): TokenRequest {
  const tooLong =
    request.clientId.length > MAX_CREDENTIAL_CHARACTERS || request.clientSecret.length > MAX_CREDENTIAL_CHARACTERS;
  // PostgreSQL could not even compare it
  const unstorable = [request.clientId, request.verbatim?.clientId].some((clientId) => clientId?.includes('\0'));
  if (tooLong || unstorable) throw invalidClient(request.method);
  return request;
}

/** The same for an unknown client and a wrong secret. */
export function invalidClient(method: TokenRequest['method']): OAuthError {
  // §5.2: whoever used the Authorization header is told which scheme it is
  const headers = method === 'basic' ? BASIC_CHALLENGE : {};
  return new OAuthError('invalid_client', 'Unknown client or wrong secret.', 401, headers);
}

function malformedBasic(): OAuthError {
  return new OAuthError('invalid_client', 'The Authorization header is no valid Basic one.', 401, BASIC_CHALLENGE);
}

const BASIC_CHALLENGE = { 'www-authenticate': 'Basic realm="dibs", charset="UTF-8"' };

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_request', description);
}
