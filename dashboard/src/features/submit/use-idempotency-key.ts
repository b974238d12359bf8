'use client';

import type { SubmitJobBody } from '@dibs/shared';
import { useRef } from 'react';

/**
 * A key that stays the same for as long as the body does: a second click and a try after a cut mean the same job, a changed
 * one is another.
 */
export function useIdempotencyKey(): (body: SubmitJobBody) => string {
  const last = useRef<{ readonly body: string; readonly key: string } | null>(null);
  return (body) => {
    const text = JSON.stringify(body);
    if (last.current?.body !== text) last.current = { body: text, key: `form-${randomWord()}` };
    return last.current.key;
  };
}

/** `crypto.randomUUID` is only there where the page came over https. */
function randomWord(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
