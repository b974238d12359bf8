import { describe, expect, jest, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import { EncryptionKey } from '../platform/encryption-key.js';
import type { Caller } from './caller.js';
import { TicketService } from './ticket.service.js';

const CALLER: Caller = {
  organizationId: '0198c0de-0000-7000-8000-000000000001' as OrganizationId,
  kind: 'user',
  id: '0198c0de-0000-7000-8000-000000000002',
  name: 'jo@example.com',
  role: 'viewer',
  permissions: ['jobs:read', 'runners:read'],
};
const service = (key = 'k'): TicketService => new TicketService(new EncryptionKey(key));

describe('TicketService', () => {
  test('another replica redeems it, once', () => {
    const ticket = service().issue(CALLER);
    const replica = service();
    expect(replica.redeem(ticket)).toEqual(CALLER);
    expect(replica.redeem(ticket)).toBeNull();
  });

  test('a replica that has the next key already redeems it', () => {
    const rotated = new TicketService(new EncryptionKey('next', ['other', 'k']));
    expect(rotated.redeem(service().issue(CALLER))).toEqual(CALLER);
    expect(service().redeem(rotated.issue(CALLER))).toBeNull();
  });

  test('an altered ticket, or one of another installation, is nothing', () => {
    const [body, signature] = service().issue(CALLER).split('.') as [string, string];
    const owner = Buffer.from(body, 'base64url').toString().replace('viewer', 'owner');
    for (const forged of [
      `${Buffer.from(owner).toString('base64url')}.${signature}`,
      `${body}.${signature.slice(0, -2)}`,
      `${body}.`,
      body,
      '',
      `${body}.${signature}.x`,
    ]) {
      expect(service().redeem(forged)).toBeNull();
    }
    expect(service('other').redeem(`${body}.${signature}`)).toBeNull();
  });

  test('it is good for a minute', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    try {
      const [early, late] = [service().issue(CALLER), service().issue(CALLER)];
      jest.setSystemTime(1_000_000 + 59_999);
      expect(service().redeem(early)).toEqual(CALLER);
      jest.setSystemTime(1_000_000 + 60_000);
      expect(service().redeem(late)).toBeNull();
    } finally {
      jest.useRealTimers();
    }
  });
});
