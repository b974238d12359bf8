'use client';

import type { ExplainVerdict } from '@dibs/shared';
import {
  IconAlertOctagon,
  IconClockHour4,
  IconHourglass,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRocket,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Callout } from '../../ui/callout';

interface View {
  readonly tone: 'neutral' | 'warn' | 'bad';
  readonly icon: ReactNode;
}

const calm = (icon: ReactNode): View => ({ tone: 'neutral', icon });
const SIZE = 18;

/** Only what somebody has to do something about is loud. */
const VIEWS: Readonly<Record<ExplainVerdict, View>> = {
  no_runner_matches: { tone: 'bad', icon: <IconAlertOctagon size={SIZE} /> },
  waiting_for_runner: { tone: 'warn', icon: <IconPlugConnectedX size={SIZE} /> },
  held_by_pause: { tone: 'warn', icon: <IconPlayerPause size={SIZE} /> },
  waiting_for_slot: calm(<IconHourglass size={SIZE} />),
  can_start_now: calm(<IconRocket size={SIZE} />),
  concurrency_group: calm(<IconHourglass size={SIZE} />),
  quota: calm(<IconHourglass size={SIZE} />),
  retry_backoff: calm(<IconClockHour4 size={SIZE} />),
  fan_out: calm(<IconClockHour4 size={SIZE} />),
  fan_out_turn: calm(<IconHourglass size={SIZE} />),
  running: calm(<IconRocket size={SIZE} />),
  starting: calm(<IconRocket size={SIZE} />),
  ended: calm(<IconClockHour4 size={SIZE} />),
};

export function VerdictBanner({ verdict, summary }: { readonly verdict: ExplainVerdict; readonly summary: string }) {
  const { tone, icon } = VIEWS[verdict];
  return (
    <Callout tone={tone} icon={icon} role="status">
      <span data-testid="verdict" data-verdict={verdict}>
        {summary}
      </span>
    </Callout>
  );
}
