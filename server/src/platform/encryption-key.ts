import { hkdfSync } from 'node:crypto';

/** The one secret of the installation, of which every other key is derived, so that replicas agree without talking. */
export class EncryptionKey {
  readonly #material: Buffer;
  /** Those that only open and verify what was made with them: of before a rotation, or of the one to come. */
  readonly previous: readonly EncryptionKey[];

  constructor(text: string, previous: readonly string[] = []) {
    this.#material = Buffer.from(text, 'utf8');
    this.previous = previous.map((each) => new EncryptionKey(each));
  }

  /** @param purpose keys of different purposes tell nothing about each other (HKDF, RFC 5869) */
  derive(purpose: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#material, 'dibs', purpose, bytes));
  }
}
