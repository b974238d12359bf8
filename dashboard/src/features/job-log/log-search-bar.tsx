'use client';

import { MAX_NEEDLE_LENGTH } from '@dibs/shared';
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp, IconLetterCase, IconX } from '@tabler/icons-react';
import { useState, type KeyboardEvent } from 'react';
import type { LogSearch, SearchSnapshot } from './log-search';
import classes from './job-log.module.css';

const ASK_AFTER_MS = 250;

interface LogSearchBarProps {
  readonly search: LogSearch;
  readonly found: SearchSnapshot;
  readonly onClose: () => void;
}

export function LogSearchBar({ search, found, onClose }: LogSearchBarProps) {
  const [text, setText] = useState(found.needle);
  const [isCaseSensitive, setIsCaseSensitive] = useState(found.isCaseSensitive);
  const ask = (needle: string, caseSensitive: boolean): void => void search.ask(needle, caseSensitive);
  const askSoon = useDebouncedCallback((needle: string, caseSensitive: boolean) => {
    // Enter may have asked for it already
    if (needle !== search.getSnapshot().needle) ask(needle, caseSensitive);
  }, ASK_AFTER_MS);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // asked at once where the pause after the last key is not over yet
      if (text !== found.needle) ask(text, isCaseSensitive);
      else void search.move(event.shiftKey ? -1 : 1);
    }
  };

  return (
    <div className={classes.search} role="search">
      <TextInput
        size="xs"
        className={classes.searchField}
        classNames={{ input: classes.searchInput ?? '' }}
        aria-label="Search the log"
        placeholder="Search all lines"
        maxLength={MAX_NEEDLE_LENGTH}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          askSoon(event.currentTarget.value, isCaseSensitive);
        }}
        onKeyDown={onKeyDown}
      />
      <span
        className={classes.found}
        role="status"
        data-testid="log-found"
        data-problem={found.problem !== null || undefined}
      >
        {foundText(found)}
      </span>
      <Tool
        label="Match case"
        isPressed={isCaseSensitive}
        onClick={() => {
          setIsCaseSensitive(!isCaseSensitive);
          ask(text, !isCaseSensitive);
        }}
        icon={<IconLetterCase size={17} stroke={1.7} />}
      />
      <Tool label="Previous hit" onClick={() => void search.move(-1)} icon={<IconChevronUp size={17} stroke={1.7} />} />
      <Tool label="Next hit" onClick={() => void search.move(1)} icon={<IconChevronDown size={17} stroke={1.7} />} />
      <Tool label="Close the search" onClick={onClose} icon={<IconX size={17} stroke={1.7} />} />
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly icon: React.ReactNode;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
}

function Tool({ label, icon, isPressed, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        className={classes.tool}
        aria-label={label}
        {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function foundText({ needle, total, position, problem }: SearchSnapshot): string {
  if (problem !== null) return problem;
  if (needle === '') return '';
  if (total === null) return 'Searching…';
  if (total === 0) return 'No line';
  return `${position.toLocaleString()} of ${total.toLocaleString()}`;
}
