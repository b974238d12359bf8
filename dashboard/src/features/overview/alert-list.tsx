import type { OverviewAlert, OverviewAlertCode } from '@dibs/shared';
import Link from 'next/link';
import { Callout } from '../../ui/callout';
import classes from './overview.module.css';

const TONES = {
  no_runner_matches: 'bad',
  no_runner_online: 'bad',
  maintenance: 'warn',
  organization_paused: 'warn',
  lane_paused: 'warn',
  runner_paused: 'warn',
  runner_unstable: 'warn',
} as const satisfies Record<OverviewAlertCode, 'bad' | 'warn'>;

/** The banner above every page tells of these, and has the button that ends them. */
const IN_THE_BANNER: readonly OverviewAlertCode[] = ['maintenance', 'organization_paused'];

export function AlertList({ alerts }: { readonly alerts: readonly OverviewAlert[] }) {
  const shown = alerts.filter(({ code }) => !IN_THE_BANNER.includes(code));
  if (shown.length === 0) return null;
  return (
    <section aria-label="Alerts">
      <ul className={classes.alerts}>
        {shown.map((alert) => (
          <li key={`${alert.code} ${alert.jobId ?? alert.instanceId ?? alert.runnerId ?? ''}`} data-alert={alert.code}>
            <Callout tone={TONES[alert.code]} role="status">
              <span className={classes.alert}>
                <bdi>{alert.text}</bdi>
                <CauseLink alert={alert} />
              </span>
            </Callout>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** For the tab, where what is in the banner counts as well. */
export function worstOf(alerts: readonly OverviewAlert[]): 'good' | 'warn' | 'bad' {
  if (alerts.length === 0) return 'good';
  return alerts.some(({ code }) => TONES[code] === 'bad') ? 'bad' : 'warn';
}

function CauseLink({ alert: { jobId, runnerId } }: { readonly alert: OverviewAlert }) {
  if (jobId !== null) {
    return (
      <Link href={`/jobs/${jobId}`} className={classes.cause}>
        Why, runner by runner
      </Link>
    );
  }
  if (runnerId === null) return null;
  return (
    <Link href={`/runners#${runnerId}`} className={classes.cause}>
      To the runner
    </Link>
  );
}
