import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Where every part registers what it counts; `GET /metrics` shows it. Names start with `dibs_` and carry their unit.
 * Labels have few values and never an id or anything of a tenant: the page is public.
 */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  /** Its own, not the library's global one: several servers may live in one process (tests). */
  readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** @param collect is called for each scrape, to set the value of that moment */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    collect?: (gauge: Gauge<Label>) => void | Promise<void>,
  ): Gauge<Label> {
    return new Gauge<Label>({
      name,
      help,
      labelNames,
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect() {
              return collect(this);
            },
          }),
    });
  }

  /** @param bucketsSeconds upper bounds; absent: 1 ms to 10 s */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    bucketsSeconds: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: [...bucketsSeconds], registers: [this.registry] });
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }
}
