import classes from './administration.module.css';

/** Below the name, what the columns tell that a phone has no room for. */
export function PhoneNote({ parts }: { readonly parts: readonly (string | null)[] }) {
  return <div className={`${classes.note} ${classes.phoneOnly}`}>{parts.filter(Boolean).join(' · ')}</div>;
}
