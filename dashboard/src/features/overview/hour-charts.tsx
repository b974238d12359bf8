'use client';

import type { OverviewMinute } from '@dibs/shared';
import { Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import { BarChart, type Bar } from '../../ui/bar-chart';
import { formatWait } from './format-wait';
import classes from './overview.module.css';

/** The last hour, a bar for each minute; the last bar still grows. */
export function HourCharts({ minutes }: { readonly minutes: readonly OverviewMinute[] }) {
  const started = sum(minutes, ({ claims }) => claims);
  const [succeeded, failed] = [sum(minutes, (minute) => minute.succeeded), sum(minutes, (minute) => minute.failed)];
  const longest = Math.max(0, ...minutes.map(({ wait }) => wait?.p95Ms ?? 0));
  return (
    <div className={classes.charts}>
      <ChartCard title="Started" fact={started === 0 ? 'none' : `${started}`}>
        <BarChart
          label={`Jobs started in each minute of the last hour: ${started} in all`}
          bars={minutes.map((minute) => bar(minute, `${minute.claims} started`, [['info', minute.claims]]))}
        />
      </ChartCard>
      <ChartCard title="Wait for a runner, p95" fact={longest === 0 ? 'none' : `at most ${formatWait(longest)}`}>
        <BarChart
          label={`How long 95 of 100 jobs waited at most, minute by minute: ${formatWait(longest)} in the worst one`}
          bars={minutes.map((minute) => {
            const words = minute.wait ? `${formatWait(minute.wait.p95Ms)} at p95` : 'nothing started';
            return bar(minute, words, [['neutral', minute.wait?.p95Ms ?? 0]]);
          })}
        />
      </ChartCard>
      <ChartCard title="Ended" fact={`${succeeded} succeeded, ${failed} failed`}>
        <BarChart
          label={`Jobs that ended in each minute of the last hour: ${succeeded} succeeded, ${failed} failed`}
          bars={minutes.map((minute) =>
            bar(minute, `${minute.succeeded} succeeded, ${minute.failed} failed`, [
              ['bad', minute.failed],
              ['good', minute.succeeded],
            ]),
          )}
        />
      </ChartCard>
    </div>
  );
}

interface ChartCardProps {
  readonly title: string;
  readonly fact: string;
  readonly children: ReactNode;
}

function ChartCard({ title, fact, children }: ChartCardProps) {
  return (
    <Paper component="section" radius="lg" className={classes.chart} aria-label={`${title}, last hour`}>
      <header className={classes.chartHeader}>
        <h2 className={classes.title}>{title}</h2>
        <span className={classes.note}>{fact}</span>
      </header>
      {children}
      <div className={classes.axis} aria-hidden>
        <span>an hour ago</span>
        <span>now</span>
      </div>
    </Paper>
  );
}

function bar({ from }: OverviewMinute, words: string, parts: readonly [Bar['parts'][number]['tone'], number][]): Bar {
  const at = new Date(from).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return { title: `${at}: ${words}`, parts: parts.map(([tone, value]) => ({ tone, value })) };
}

function sum(minutes: readonly OverviewMinute[], of: (minute: OverviewMinute) => number): number {
  return minutes.reduce((total, minute) => total + of(minute), 0);
}
