/** Nobody can tell now what there is: no free descriptor, no memory. Not the same as "there is nothing". */
export class CannotLook extends Error {
  constructor(cause: unknown) {
    super(`cannot look: ${(cause as Error).message}`, { cause });
    this.name = 'CannotLook';
  }
}

/** What /proc or a control group shows; null: it is not there, or not for us to see. @throws CannotLook */
export function ifThere<Shown>(look: () => Shown): Shown | null {
  try {
    return look();
  } catch (error) {
    if (BLIND.has((error as NodeJS.ErrnoException).code)) throw new CannotLook(error);
    return null;
  }
}

/** For those who have an answer of their own for "cannot tell". */
export function unlessBlind<Answer, Other>(ask: () => Answer, cannotTell: Other): Answer | Other {
  try {
    return ask();
  } catch (error) {
    if (error instanceof CannotLook) return cannotTell;
    throw error;
  }
}

const BLIND: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EIO']);
