import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './callout.module.css';

interface CalloutProps {
  readonly tone: 'neutral' | 'bad' | 'warn';
  readonly icon?: ReactNode;
  readonly role?: 'alert' | 'status';
  readonly children: ReactNode;
}

/** A sentence that must not be missed. `alert`: it answers what was just done; `status`: it came by itself. */
export function Callout({ tone, icon, role, children }: CalloutProps) {
  const fallback = tone === 'neutral' ? <IconInfoCircle size={18} /> : <IconAlertTriangle size={18} />;
  return (
    <div className={classes.callout} data-tone={tone} role={role}>
      <span className={classes.icon} aria-hidden>
        {icon ?? fallback}
      </span>
      <div className={classes.text}>{children}</div>
    </div>
  );
}
