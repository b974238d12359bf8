import { hkdfSync } from 'node:crypto';

/** The one secret of the installation, of which every other key is derived, so that replicas agree without talking. */
export class EncryptionKey {
  readonly #material: Buffer;

  constructor(text: string) {
    this.#material = Buffer.from(text, 'utf8');
  }

  /** @param purpose keys of different purposes tell nothing about each other (HKDF, RFC 5869) */
  derive(purpose: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#material, 'dibs', purpose, bytes));
  }
}
