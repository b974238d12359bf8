/** What a transport tells the one who uses it. */
export interface BusListener {
  readonly onMessage: (text: string) => void;
  /** Messages may have been lost until now: the connection is new, or was silent for too long. */
  readonly onGap: () => void;
}

/**
 * Carries messages between the servers of one installation. Any of them may be lost; the transport only has to notice
 * that some may have been, also when its connection is black-holed and says nothing.
 */
export interface BusTransport {
  /** `postgres` or `redis`, for people. */
  readonly name: string;
  readonly isConnected: boolean;
  /** Connects, and goes on trying; returns without waiting for it. */
  start(listener: BusListener): void;
  /** @returns false when it could not be sent: it is not tried again */
  send(messages: readonly string[]): Promise<boolean>;
  stop(): Promise<void>;
}

export const BUS_TRANSPORT = Symbol('BusTransport');
