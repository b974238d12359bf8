export function secretForms(value: string): { readonly printed: string; readonly secret: string }[];
export function partsOf(value: string): string[];
