import type { ModuleDependency } from '@dibs/shared';
import { Paper } from '@mantine/core';
import Link from 'next/link';
import { StatusPill, type Tone } from '../../ui/status-pill';
import type { ModuleOrder } from './module-order';
import classes from './scope-runs.module.css';

/** A module as the picture and the list of a graph show it. */
export interface ShownModule {
  readonly id: string;
  readonly name: string;
  readonly href: string;
  /** null: nothing runs here. */
  readonly state: { readonly tone: Tone; readonly word: string; readonly isActive?: boolean } | null;
  readonly note: string | null;
  /** It is in the picture because a module here takes its outputs. */
  readonly isElsewhere: boolean;
}

interface ModuleListProps {
  readonly modules: readonly ShownModule[];
  readonly order: ModuleOrder;
  /** As outputs go, whatever the order. */
  readonly dependencies: readonly ModuleDependency[];
}

/** The modules in the order in which they run, those with the same number at the same time. */
export function ModuleList({ modules, order: { waves, stuck }, dependencies }: ModuleListProps) {
  const byId = new Map(modules.map((module) => [module.id, module]));
  const rows = [
    ...waves.flatMap((wave, index) => wave.map((id) => ({ id, place: String(index + 1) }))),
    ...stuck.map((id) => ({ id, place: '?' })),
  ];
  return (
    <Paper component="ol" radius="lg" className={classes.list} aria-label="Modules in their order">
      {rows.map(({ id, place }) => {
        const module = byId.get(id);
        if (!module) return null;
        const taken = dependencies.filter(({ to }) => to === id);
        return (
          <li key={id} className={classes.row} data-module={module.name}>
            <span className={classes.place} title={place === '?' ? 'in a circle' : `step ${place}`}>
              {place}
            </span>
            <div className={classes.rowText}>
              <Link href={module.href} className="link">
                <bdi>{module.name}</bdi>
              </Link>
              {taken.length > 0 && (
                <div className={classes.note}>
                  takes{' '}
                  {taken
                    .map(({ from, outputs }) => `${outputs.join(', ')} of ${byId.get(from)?.name ?? 'another module'}`)
                    .join('; ')}
                </div>
              )}
              {module.isElsewhere && <div className={classes.note}>elsewhere: it is not run with the others</div>}
              {module.note !== null && <div className={classes.note}>{module.note}</div>}
            </div>
            {module.state && (
              <StatusPill tone={module.state.tone} isActive={module.state.isActive}>
                {module.state.word}
              </StatusPill>
            )}
          </li>
        );
      })}
    </Paper>
  );
}
