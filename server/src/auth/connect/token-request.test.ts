import { describe, expect, test } from '@jest/globals';
import type { OAuthError } from '../../platform/http/oauth-error.js';
import { readTokenRequest } from './token-request.js';

const GRANT = 'grant_type=client_credentials';

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

function read(form: string, authorization?: string) {
  return readTokenRequest(new URLSearchParams(form), authorization);
}

function refusal(form: string | undefined, authorization?: string): OAuthError {
  try {
    readTokenRequest(form === undefined ? undefined : new URLSearchParams(form), authorization);
  } catch (error) {
    return error as OAuthError;
  }
  throw new Error('it was accepted');
}

describe('readTokenRequest', () => {
  test('takes the secret from the body', () => {
    expect(read(`${GRANT}&client_id=a&client_secret=s%2Bs`)).toEqual({
      clientId: 'a',
      clientSecret: 's+s',
      method: 'body',
    });
  });

  test('takes the secret from Basic, form-urldecoded, and with colons in it', () => {
    expect(read(GRANT, basic('a%3Ab', 'x%20y+z:%25'))).toEqual({
      clientId: 'a:b',
      clientSecret: 'x y z:%',
      method: 'basic',
      verbatim: { clientId: 'a%3Ab', clientSecret: 'x%20y+z:%25' },
    });
  });

  test('what a client put into Basic without encoding it is taken as it is', () => {
    expect(read(GRANT, basic('a', '100%+1'))).toEqual({ clientId: 'a', clientSecret: '100%+1', method: 'basic' });
    expect(read(GRANT, basic('a', 'x+y/z='))).toMatchObject({ verbatim: { clientId: 'a', clientSecret: 'x+y/z=' } });
    expect(read(GRANT, basic('a', 'xyz'))).toEqual({ clientId: 'a', clientSecret: 'xyz', method: 'basic' });
  });

  test('the scheme is not case-sensitive', () => {
    expect(read(GRANT, basic('a', 's').replace('Basic', 'bASIC')).clientId).toBe('a');
  });

  test('a client that used Basic may repeat its own id in the body, but no other', () => {
    expect(read(`${GRANT}&client_id=a`, basic('a', 's')).clientId).toBe('a');
    expect(refusal(`${GRANT}&client_id=b`, basic('a', 's'))).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('refuses two ways of authenticating at once', () => {
    expect(refusal(`${GRANT}&client_id=a&client_secret=s`, basic('a', 's'))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });

  test.each([
    `${GRANT}&${GRANT}&client_id=a&client_secret=s`,
    `${GRANT}&client_id=a&client_id=a&client_secret=s`,
    `${GRANT}&client_id=a&client_secret=s&client_secret=`,
    `${GRANT}&client_id=a&client_secret=s&x=1&x=2`,
  ])('refuses a repeated parameter: %s', (form) => {
    expect(refusal(form)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('ignores unknown parameters and treats empty ones as left out', () => {
    expect(read(`${GRANT}&client_id=a&client_secret=s&resource=x&scope=`).clientId).toBe('a');
    expect(refusal(`grant_type=&client_id=a&client_secret=s`)).toMatchObject({ code: 'invalid_request' });
  });

  test.each(['password', 'authorization_code', 'CLIENT_CREDENTIALS', 'refresh_token'])('refuses grant %s', (grant) => {
    expect(refusal(`grant_type=${grant}&client_id=a&client_secret=s`)).toMatchObject({
      status: 400,
      code: 'unsupported_grant_type',
    });
  });

  test('refuses a scope instead of seeming to grant it', () => {
    expect(refusal(`${GRANT}&client_id=a&client_secret=s&scope=admin`)).toMatchObject({ code: 'invalid_scope' });
  });

  test('refuses a body that is no form', () => {
    expect(refusal(undefined, basic('a', 's'))).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test.each([GRANT, `${GRANT}&client_id=a`, `${GRANT}&client_secret=s`, `${GRANT}&client_id=a&client_secret=`])(
    'missing authentication is invalid_client with a challenge: %s',
    (form) => {
      const error = refusal(form);
      expect(error).toMatchObject({ status: 401, code: 'invalid_client' });
      expect(error.headers['www-authenticate']).toMatch(/^Basic /);
    },
  );

  test.each(['Basic', 'Basic !!!', 'Basic YQ==', 'Bearer abc'])(
    'a malformed Authorization header is invalid_client with a challenge: %s',
    (authorization) => {
      const error = refusal(GRANT, authorization);
      expect(error).toMatchObject({ status: 401, code: 'invalid_client' });
      expect(error.headers['www-authenticate']).toMatch(/^Basic /);
    },
  );

  test('credentials no client can have are answered like wrong ones', () => {
    expect(refusal(`${GRANT}&client_id=a%00&client_secret=s`)).toMatchObject({ status: 401, code: 'invalid_client' });
    expect(refusal(`${GRANT}&client_id=a&client_secret=${'s'.repeat(2000)}`)).toMatchObject({
      status: 401,
      code: 'invalid_client',
    });
  });
});
