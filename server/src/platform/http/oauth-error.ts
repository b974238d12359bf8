import { AppError } from '../errors.js';

export const TOKEN_PATH = '/connect/token';
export const NOT_A_FORM = 'The request must be application/x-www-form-urlencoded.';

/** Error codes of RFC 6749 §5.2, and two of its §4.1.2.1 for what §5.2 has no word for. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable'
  | 'server_error';

export interface OAuthErrorBody {
  readonly error: OAuthErrorCode;
  readonly error_description: string;
}

/** An error of the token endpoint, which speaks RFC 6749 instead of problem+json. */
export class OAuthError extends AppError {
  constructor(
    readonly oauthCode: OAuthErrorCode,
    description: string,
    status = 400,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(status, oauthCode, description, { headers });
  }
}

/** What reached the token endpoint's answer from elsewhere: a refused body, the rate limit, the database. */
export function toOAuthError(error: AppError): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error.status === 429 || error.status === 503) {
    return new OAuthError('temporarily_unavailable', error.detail, error.status, error.headers);
  }
  if (error.status >= 500) return new OAuthError('server_error', error.detail, error.status);
  // a wrong content type is a malformed request in the words of the RFC
  const status = error.status === 415 ? 400 : error.status;
  const detail = error.code === 'unsupported_media_type' ? NOT_A_FORM : error.detail;
  return new OAuthError('invalid_request', detail, status, error.headers);
}
