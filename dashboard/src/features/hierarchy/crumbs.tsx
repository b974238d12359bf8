import Link from 'next/link';
import { placePath, type Place } from './places';
import classes from './hierarchy.module.css';

/** The way here from the outside, each part of it a link. */
export function Crumbs({ places }: { readonly places: readonly Place[] }) {
  return (
    <nav aria-label="Where this is">
      <ol className={classes.crumbs}>
        <li>
          <Link href="/modules" className="link">
            Modules
          </Link>
        </li>
        {places.map(({ kind, id, name }) => (
          <li key={id}>
            <Link href={placePath(kind, id)} className="link">
              <bdi>{name}</bdi>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
