import { describe, expect, test } from '@jest/globals';
import { EncryptionKey } from './encryption-key.js';
import { SecretBox } from './secret-box.js';

const box = new SecretBox(new EncryptionKey('a'.repeat(32)));

describe('SecretBox', () => {
  test('opens what it sealed, also on a server that has the same key', () => {
    const sealed = box.seal('geheim: ü\0', 'job:1');
    expect(new SecretBox(new EncryptionKey('a'.repeat(32))).open(sealed, 'job:1')).toBe('geheim: ü\0');
    expect(box.open(box.seal('', 'x'), 'x')).toBe('');
  });

  test('opens what was sealed with a previous key, and seals with the present one', () => {
    const rotated = new SecretBox(new EncryptionKey('b'.repeat(32), ['c'.repeat(32), 'a'.repeat(32)]));
    expect(rotated.open(box.seal('secret', 'job:1'), 'job:1')).toBe('secret');
    expect(() => rotated.open(box.seal('secret', 'job:1'), 'job:2')).toThrow();
    expect(() => box.open(rotated.seal('secret', 'job:1'), 'job:1')).toThrow(/DIBS_ENCRYPTION_KEY/);
  });

  test('the same text is sealed differently each time and does not show', () => {
    const [one, two] = [box.seal('secret', 'c'), box.seal('secret', 'c')];
    expect(one.equals(two)).toBe(false);
    expect(one.includes('secret')).toBe(false);
  });

  test('does not open in another place, with another key, or altered', () => {
    const sealed = box.seal('secret', 'job:1');
    expect(() => box.open(sealed, 'job:2')).toThrow();
    expect(() => new SecretBox(new EncryptionKey('b'.repeat(32))).open(sealed, 'job:1')).toThrow(/DIBS_ENCRYPTION_KEY/);
    for (const index of [0, 6, 20, sealed.length - 1]) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      expect(() => box.open(altered, 'job:1')).toThrow();
    }
    expect(() => box.open(sealed.subarray(0, 12), 'job:1')).toThrow(/format/);
  });
});
