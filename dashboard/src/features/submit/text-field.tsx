'use client';

import { NumberInput, TextInput } from '@mantine/core';
import type { DraftForm } from './submit-form';

interface FieldProps {
  readonly form: DraftForm;
  readonly path: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly description?: string;
}

export function TextField({ form, path, ...words }: FieldProps) {
  return <TextInput {...words} {...form.getInputProps(path)} />;
}

/** Empty: the server's default, which the placeholder tells. */
export function NumberField({ form, path, ...words }: FieldProps) {
  return <NumberInput {...words} allowDecimal={false} hideControls {...form.getInputProps(path)} />;
}
