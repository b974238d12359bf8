import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/metrics.js';

/** What operators see of the other servers on /metrics. */
@Injectable()
export class BusMetrics {
  private readonly sent;
  private readonly received;
  private readonly dropped;

  constructor(private readonly metrics: Metrics) {
    this.sent = metrics.counter('dibs_bus_messages_sent_total', 'Messages with hints sent to the other servers');
    this.received = metrics.counter('dibs_bus_hints_received_total', 'Hints received from other servers', ['hint']);
    this.dropped = metrics.counter(
      'dibs_bus_hints_dropped_total',
      'Hints that were not sent, because there were too many or the bus was down; sweeps find what they told',
    );
  }

  watch(servers: () => number, isConnected: () => boolean): void {
    this.metrics.gauge('dibs_servers', 'Servers of this installation, this one included', [], (gauge) =>
      gauge.set(servers()),
    );
    this.metrics.gauge('dibs_bus_connected', 'Whether hints of other servers arrive here (1) or not (0)', [], (gauge) =>
      gauge.set(isConnected() ? 1 : 0),
    );
  }

  messagesSent(count: number): void {
    this.sent.inc(count);
  }

  hintReceived(hint: string): void {
    this.received.inc({ hint });
  }

  hintsDropped(count: number): void {
    if (count > 0) this.dropped.inc(count);
  }
}
