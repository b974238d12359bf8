import type { StepView } from '@dibs/shared';

/** Leads to its first line in the log. */
export function StepLink({ step: { step, name } }: { readonly step: StepView }) {
  const href = `#step-${step + 1}`;
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
