import { Injectable } from '@nestjs/common';
import { conflict } from '../platform/errors.js';
import { SecretBox } from '../platform/secret-box.js';

/** Values of sensitive outputs at rest, each bound to its name in its module. */
@Injectable()
export class OutputSeal {
  constructor(private readonly box: SecretBox) {}

  close(moduleId: string, name: string, json: string): Buffer {
    return this.box.seal(json, contextOf(moduleId, name));
  }

  /** @throws AppError 409 */
  open(moduleId: string, name: string, sealed: Buffer): string {
    const json = this.tryOpen(moduleId, name, sealed);
    if (json !== null) return json;
    const detail = `The output ${name} cannot be opened: was the encryption key of the server changed? Read the outputs of its module again.`;
    throw conflict('outputs_unreadable', detail);
  }

  /** @returns null: it was sealed with another key, or for another place */
  tryOpen(moduleId: string, name: string, sealed: Buffer): string | null {
    try {
      return this.box.open(sealed, contextOf(moduleId, name));
    } catch {
      return null;
    }
  }
}

function contextOf(moduleId: string, name: string): string {
  return `output:${moduleId}:${name}`;
}
