'use client';

import type { ModuleInput } from '@dibs/shared';
import { IconLock } from '@tabler/icons-react';
import Link from 'next/link';
import { useNode } from '../../api/hierarchy';
import { placePath } from '../hierarchy/places';
import type { Entry } from './entries';
import classes from './module-settings.module.css';

/** Where a value comes from, and what it is as far as that may be told. */
export function InputWords({ entry }: { readonly entry: Entry<ModuleInput> }) {
  const { own, value } = entry;
  const isTaken = own?.type === 'namespace';
  return (
    <>
      {value.type === 'namespace' ? (
        <>
          what the namespace has as <bdi className={classes.code}>{value.name}</bdi>, which is nothing
        </>
      ) : (
        <Words input={value} />
      )}
      {isTaken && value.type !== 'namespace' && (
        <div className={classes.hint}>
          taken from the namespace, where it is <bdi>{own.name}</bdi>
        </div>
      )}
    </>
  );
}

function Words({ input }: { readonly input: Exclude<ModuleInput, { type: 'namespace' }> }) {
  if (input.type === 'literal') {
    return input.value === '' ? <>the empty text</> : <bdi className={classes.code}>{input.value}</bdi>;
  }
  if (input.type === 'secret') {
    return (
      <>
        <IconLock size={14} style={{ verticalAlign: -2 }} aria-hidden /> secret, never shown
      </>
    );
  }
  if (input.type === 'none') return null;
  return (
    <>
      output <bdi className={classes.code}>{input.output}</bdi> of <ModuleLink moduleId={input.moduleId} />
    </>
  );
}

export function ModuleLink({ moduleId }: { readonly moduleId: string }) {
  const { data, error } = useNode('module', moduleId);
  return (
    <Link href={placePath('module', moduleId)} className="link">
      <bdi>{data?.path ?? (error ? moduleId : '…')}</bdi>
    </Link>
  );
}
