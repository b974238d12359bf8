import type { StepView } from '@dibs/shared';
import Link from 'next/link';

interface StepLinkProps {
  readonly step: StepView;
  /** Page of the job; absent: it is this one. */
  readonly jobPath?: string;
}

/** Leads to its first line in the log. */
export function StepLink({ step: { step, name }, jobPath }: StepLinkProps) {
  const href = `#step-${step + 1}`;
  if (jobPath !== undefined) {
    return (
      <Link href={jobPath + href} className="link" title="Show its lines in the log">
        <bdi>{name}</bdi>
      </Link>
    );
  }
  return (
    <a
      href={href}
      className="link"
      title="Show its lines in the log"
      onClick={() => {
        // the browser tells of a new address only
        if (location.hash === href) window.dispatchEvent(new HashChangeEvent('hashchange'));
      }}
    >
      <bdi>{name}</bdi>
    </a>
  );
}
