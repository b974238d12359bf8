'use client';

import type { LaneStanding, OverviewLane } from '@dibs/shared';
import { Paper } from '@mantine/core';
import Link from 'next/link';
import { StatusPill, type Tone } from '../../ui/status-pill';
import { Duration } from '../../ui/times';
import { countText } from './figures';
import classes from './overview.module.css';

const STANDINGS = {
  served: { tone: 'good', word: 'Served' },
  busy: { tone: 'info', word: 'Runners busy' },
  paused: { tone: 'warn', word: 'Paused' },
  no_runner_online: { tone: 'bad', word: 'No runner online' },
  no_runner_matches: { tone: 'bad', word: 'No runner fits' },
} as const satisfies Record<LaneStanding, { tone: Tone; word: string }>;

interface LaneTableProps {
  readonly lanes: readonly OverviewLane[];
  readonly notListed: number;
}

/** The queue by what its jobs demand of a runner. */
export function LaneTable({ lanes, notListed }: LaneTableProps) {
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="Queue by demand">
      <h2 className={classes.cardTitle}>Queue by demand</h2>
      {lanes.length === 0 ? (
        <p className={classes.none}>The queue is empty: every job that could start has started.</p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Jobs need</th>
              <th scope="col">Queued</th>
              <th scope="col">Oldest waits</th>
              <th scope="col">What becomes of them</th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => (
              <LaneRow key={lane.lane} lane={lane} />
            ))}
          </tbody>
        </table>
      )}
      {notListed > 0 && <p className={classes.none}>and {notListed} more, which are not listed</p>}
    </Paper>
  );
}

function LaneRow({ lane: { demands, queued, queuedSince, jobId, standing, text } }: { readonly lane: OverviewLane }) {
  const { tone, word } = STANDINGS[standing];
  return (
    <tr data-standing={standing}>
      <th scope="row">
        <Link href={`/jobs/${jobId}`} className="link">
          <bdi>{demands}</bdi>
        </Link>
      </th>
      <td className="tabular">
        {countText(queued)}
        <span className={classes.onPhone}> queued</span>
      </td>
      <td>
        <span className={classes.onPhone}>oldest </span>
        <Duration from={queuedSince} to={null} />
      </td>
      <td>
        <StatusPill tone={tone}>{word}</StatusPill>
        <span className={classes.because}>
          <bdi>{text}</bdi>
        </span>
      </td>
    </tr>
  );
}
