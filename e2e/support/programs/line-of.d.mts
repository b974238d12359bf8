export function lineOf(
  who: { readonly job: string; readonly attempt: number; readonly step: number },
  number: number,
): string;
