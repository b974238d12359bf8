import { describe, expect, test } from '@jest/globals';
import { Contact } from './contact.js';

describe('Contact', () => {
  test('a grant counts from the last answered renewal, not from its arrival', () => {
    const contact = new Contact();
    contact.welcomed(1000);
    expect(contact.grantsTrustedFromMs).toBe(1000);
    contact.renewed(9000);
    expect(contact.grantsTrustedFromMs).toBe(9000);
  });

  test('an answer that was overtaken does not take it back', () => {
    const contact = new Contact();
    contact.welcomed(1000);
    contact.renewed(9000);
    contact.renewed(5000);
    expect(contact.grantsTrustedFromMs).toBe(9000);
  });

  test('before the first hello nothing is trusted, and an earlier connection proves nothing for a new one', () => {
    const contact = new Contact();
    expect(contact.grantsTrustedFromMs).toBe(-Infinity);
    contact.welcomed(1000);
    contact.renewed(9000);
    contact.welcomed(8000);
    expect(contact.grantsTrustedFromMs).toBe(8000);
  });
});
