import { formsOf, isMaskable } from './secret-forms.js';
import { SecretMatcher } from './secret-matcher.js';
import { StreamMasker } from './stream-masker.js';

/**
 * Replaces the secrets of one job by `***`, in all the forms of secret-forms.ts. It is a safety net against accidents, not
 * a security boundary. Not caught: ANSI sequences in the middle of a value, values under 4 characters, and every other
 * transformation.
 */
export class Masker {
  private readonly matcher = new SecretMatcher();

  /** From now on; also in streams that exist. @returns false: too short */
  add(value: string): boolean {
    for (const form of formsOf(value)) this.matcher.add(Buffer.from(form));
    return isMaskable(value);
  }

  /** For a text that is complete. */
  mask(text: string): string {
    if (this.matcher.isEmpty) return text;
    const stream = this.stream();
    return Buffer.concat([stream.push(Buffer.from(text)), stream.flush()]).toString();
  }

  /** For the bytes of one stream; each needs its own. */
  stream(): StreamMasker {
    return new StreamMasker(this.matcher);
  }
}
