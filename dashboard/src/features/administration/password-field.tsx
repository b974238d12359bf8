'use client';

import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { generatePassword } from './generated-password';

interface PasswordFieldProps {
  readonly value: string;
  readonly onChange: (password: string) => void;
}

/** A password to hand over, so it is legible; made up unless somebody types another. */
export function PasswordField({ value, onChange }: PasswordFieldProps) {
  return (
    <TextInput
      label="Password"
      description="To hand over; they can change it in the menu with their name. At least 8 characters."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      ff="monospace"
      rightSection={
        <Tooltip label="Make up another one">
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => onChange(generatePassword())}
            aria-label="Make up another password"
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      }
    />
  );
}
