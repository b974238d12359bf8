'use client';

import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './module-settings.module.css';

interface PairsFieldProps {
  readonly label: string;
  /** One of them, as in `label`. */
  readonly what: string;
  readonly initial: Readonly<Record<string, string>>;
  readonly onChange: (pairs: Record<string, string>) => void;
}

interface Line {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** Names with values, line by line. Lines without a name are not there yet. */
export function PairsField({ label, what, initial, onChange }: PairsFieldProps) {
  const [lines, setLines] = useState<readonly Line[]>(() =>
    Object.entries(initial).map(([name, value], id) => ({ id, name, value })),
  );
  const [nextId, setNextId] = useState(lines.length);
  const change = (next: readonly Line[]): void => {
    setLines(next);
    const named = next.filter(({ name }) => name.trim() !== '');
    onChange(Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])));
  };
  const edit = (id: number, part: Partial<Line>): void =>
    change(lines.map((line) => (line.id === id ? { ...line, ...part } : line)));
  return (
    <div role="group" aria-label={label}>
      <Input.Label component="div">{label}</Input.Label>
      {lines.length > 0 && (
        <ul className={classes.pairs}>
          {lines.map(({ id, name, value }, index) => (
            <li key={id} className={classes.pair}>
              <TextInput
                aria-label={`Name of ${what} ${index + 1}`}
                placeholder="name"
                spellCheck={false}
                value={name}
                onChange={(event) => edit(id, { name: event.currentTarget.value })}
              />
              <TextInput
                aria-label={`Value of ${what} ${index + 1}`}
                placeholder="value"
                spellCheck={false}
                value={value}
                onChange={(event) => edit(id, { value: event.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => change(lines.filter((line) => line.id !== id))}
                aria-label={`Remove ${what} ${index + 1}`}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            setLines([...lines, { id: nextId, name: '', value: '' }]);
            setNextId(nextId + 1);
          }}
        >
          Add a {what}
        </Button>
      </div>
    </div>
  );
}
