const BYTES = 15;

/** 120 random bits in 20 characters that are easy to tell apart from their surroundings when copied. */
export function generatePassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
