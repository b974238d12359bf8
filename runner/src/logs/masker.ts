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
  /** Until there is something to mask: the forms of a large key take milliseconds, which no start of a job shall wait for. */
  private waiting: string[] | null = [];

  /** From now on; also in streams that exist. @returns false: too short */
  add(value: string): boolean {
    if (!isMaskable(value)) return false;
    if (this.waiting) this.waiting.push(value);
    else this.addForms(value);
    return true;
  }

  /** For a text that is complete. */
  mask(text: string): string {
    const stream = this.stream();
    return Buffer.concat([stream.push(Buffer.from(text)), stream.flush()]).toString();
  }

  /** For the bytes of one stream; each needs its own. */
  stream(): StreamMasker {
    for (const value of this.waiting ?? []) this.addForms(value);
    this.waiting = null;
    return new StreamMasker(this.matcher);
  }

  private addForms(value: string): void {
    for (const form of formsOf(value)) this.matcher.add(Buffer.from(form));
  }
}
