import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';

const TYPING_PAUSE_MS = 300;

/**
 * Text that counts once the typing pauses. Back and forward in the browser change it too.
 * @param value as it is in the address
 * @returns what stands in the field, and what to call with each change of it
 */
export function useSettledText(value: string, onSettle: (value: string) => void) {
  const [typed, setTyped] = useState(value);
  const settle = useDebouncedCallback(onSettle, TYPING_PAUSE_MS);
  useEffect(() => setTyped(value), [value]);
  const change = (next: string): void => {
    setTyped(next);
    settle(next.trim());
  };
  return [typed, change] as const;
}
