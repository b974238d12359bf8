import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { definitionText } from '../domain/modules/definition.js';
import { secretIn, type ReadModule } from '../modules/module-reader.js';
import { EncryptionKey } from '../platform/encryption-key.js';

/**
 * Tells whether two definitions are the same without keeping either. Keyed, because there are secrets in it that are short
 * enough to be guessed by whoever reads the database.
 */
@Injectable()
export class DefinitionDigest {
  private readonly key: Buffer;

  constructor(encryptionKey: EncryptionKey) {
    this.key = encryptionKey.derive('definition-digest', 32);
  }

  of(module: ReadModule): string {
    const text = definitionText(module.settings, secretIn(module));
    // of each module another one: that two are the same is nobody's business
    return createHmac('sha256', this.key).update(`${module.id}\n${text}`).digest('base64url');
  }
}
