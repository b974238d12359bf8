import type { AtMostCount, Overview } from '@dibs/shared';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatWait } from './format-wait';
import classes from './overview.module.css';

export function Figures({ overview }: { readonly overview: Overview }) {
  const { queued, running, waiting, runners, claimsPerSecond, lastHour } = overview;
  const { wait, successRate } = lastHour;
  const online = runners.idle + runners.busy;
  return (
    <dl className={classes.figures}>
      <Figure name="Queued" value={countText(queued)} href="/jobs?state=queued">
        waiting for a runner
      </Figure>
      <Figure name="Running" value={countText(running)} href="/jobs?state=running">
        {runners.usedSlots} of {runners.slots} {runners.slots === 1 ? 'slot' : 'slots'} in use
      </Figure>
      <Figure name="Waiting" value={countText(waiting)} href="/jobs?state=queued">
        not in the queue yet
      </Figure>
      <Figure name="Runners online" value={String(online)} href="/runners">
        {[
          `${runners.busy} busy`,
          runners.draining > 0 && `${runners.draining} draining`,
          runners.offline > 0 && `${runners.offline} offline`,
        ]
          .filter(Boolean)
          .join(', ')}
      </Figure>
      <Figure name="Starts" value={rateText(claimsPerSecond)}>
        in the last minute
      </Figure>
      <Figure name="Wait for a runner" value={wait ? formatWait(wait.p50Ms) : '–'}>
        {wait
          ? `median; p95 ${formatWait(wait.p95Ms)}, p99 ${formatWait(wait.p99Ms)}`
          : 'nothing started in the last hour'}
      </Figure>
      <Figure name="Success" value={successRate === null ? '–' : percent(successRate)}>
        {successRate === null
          ? 'nothing ended in the last hour'
          : `of ${lastHour.succeeded + lastHour.failed} in the last hour`}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly href?: string;
  readonly children: ReactNode;
}

function Figure({ name, value, href, children }: FigureProps) {
  return (
    <div className={classes.figure} data-testid={`figure-${name.toLowerCase().replaceAll(' ', '-')}`}>
      <dt>
        {href ? (
          <Link href={href} className="link">
            {name}
          </Link>
        ) : (
          name
        )}
      </dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.note}>{children}</dd>
    </div>
  );
}

export function countText({ count, more }: AtMostCount): string {
  return `${count.toLocaleString('en')}${more ? '+' : ''}`;
}

/** As in `12/s`; slower than one in ten seconds as in `3.5/min`. */
function rateText(perSecond: number): string {
  return perSecond === 0 || perSecond >= 0.1 ? `${perSecond}/s` : `${Number((perSecond * 60).toPrecision(2))}/min`;
}

/** Never 100 % while something failed. */
function percent(share: number): string {
  const rounded = Math.round(share * 1_000) / 10;
  return `${share < 1 ? Math.min(rounded, 99.9) : rounded} %`;
}
