import type { SettingOrigin } from '@dibs/shared';
import Link from 'next/link';
import { placePath } from '../hierarchy/places';
import type { SettingsScope } from './settings-scope';
import classes from './module-settings.module.css';

interface OriginProps {
  readonly scope: SettingsScope;
  readonly origin: SettingOrigin;
  /** The part of the page of its level that has it. */
  readonly tab: 'settings' | 'inputs';
}

/** Which level says so, as a link to where it is said. */
export function Origin({ scope, origin, tab }: OriginProps) {
  if (origin === scope.level) {
    return (
      <span className={classes.origin} data-here>
        set here
      </span>
    );
  }
  if (origin === 'default') return <span className={classes.origin}>default</span>;
  if (origin === 'organization') {
    return (
      <span className={classes.origin}>
        from{' '}
        <Link href={`/modules?tab=${tab}`} className="link">
          the organization
        </Link>
      </span>
    );
  }
  const place = scope.places.find(({ kind }) => kind === origin);
  return (
    <span className={classes.origin}>
      from {origin}{' '}
      {place && (
        <Link href={placePath(place.kind, place.id, tab)} className="link">
          <bdi>{place.name}</bdi>
        </Link>
      )}
    </span>
  );
}
