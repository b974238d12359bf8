'use client';

import { Tooltip } from '@mantine/core';
import type { LiveState } from '../../live/live-connection';
import { useLive } from '../../live/live-provider';
import { StatusPill, type Tone } from '../../ui/status-pill';
import classes from './shell.module.css';

const SHOWN = {
  connecting: { tone: 'muted', word: 'Connecting…', hint: 'Opening the live connection to the server.' },
  live: { tone: 'good', word: 'Live', hint: 'Changes appear the moment they happen.' },
  reconnecting: {
    tone: 'warn',
    word: 'Reconnecting…',
    hint: 'The live connection was lost. What you see is read again every few seconds and may be behind.',
  },
  stopped: { tone: 'muted', word: 'Not live', hint: 'There is no live connection.' },
} satisfies Record<LiveState, { tone: Tone; word: string; hint: string }>;

export function LiveIndicator() {
  const { state } = useLive();
  const { tone, word, hint } = SHOWN[state];
  return (
    <Tooltip label={hint} multiline maw={280}>
      <span role="status" aria-live="polite" className={classes.live} data-testid="live-state">
        <StatusPill tone={tone} isActive={state === 'reconnecting'}>
          {word}
        </StatusPill>
      </span>
    </Tooltip>
  );
}
