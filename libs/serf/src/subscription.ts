import type { Connection } from './connection.ts';
import { RequestRefusedError, type SerfError } from './errors.ts';
import { simple, type Request } from './request.ts';
import type { Fields } from './wire/fields.ts';

/** Told how a stream fares, which lasts over reconnections until it is stopped. */
export interface StreamListener {
  /**
   * The agent streams, from now on: at first, and again after each `interrupted`. What happened between was told to nobody,
   * and an agent that restarted has forgotten much: ask for what you need to know (`members()`).
   */
  opened?(): void;
  /** The connection ended. A new one is on its way, and the stream with it. */
  interrupted?(reason: SerfError): void;
  /** The agent does not give this stream. It is not asked for again. */
  refused(error: RequestRefusedError): void;
}

/** A stream that was asked for. */
export interface Subscription {
  /** Tells nothing more. */
  stop(): void;
}

/** Asks for a stream at each connection, and hands its records on. */
export class KeptStream implements Subscription {
  readonly #request: Omit<Request<void>, 'read'>;
  readonly #listener: StreamListener;
  readonly #record: (record: Fields) => void;
  readonly #onOver: (stream: KeptStream) => void;
  #connection: Connection | undefined;
  #seq = 0;
  #stopped = false;

  /** @param onOver told once, when it has been stopped or refused. */
  constructor(
    request: Omit<Request<void>, 'read'>,
    listener: StreamListener,
    record: (record: Fields) => void,
    onOver: (stream: KeptStream) => void,
  ) {
    this.#request = request;
    this.#listener = listener;
    this.#record = record;
    this.#onOver = onOver;
  }

  /** Opens the stream on a connection that has begun. */
  open(connection: Connection): void {
    const unlessStopped =
      <T>(tell: (value: T) => void) =>
      (value: T): void => {
        if (!this.#stopped) tell(value);
      };
    const { seq, answered } = connection.stream(
      { ...this.#request, read: unlessStopped(() => this.#listener.opened?.()) },
      {
        // A stopped stream goes on for a while: the agent first sends what it had queued.
        record: unlessStopped(this.#record),
        ended: unlessStopped((reason) => this.#listener.interrupted?.(reason)),
      },
    );
    this.#connection = connection;
    this.#seq = seq;
    answered.catch((error: unknown) => {
      // Any other failure is that of the connection: the stream is asked for at the next one.
      if (!(error instanceof RequestRefusedError) || this.#stopped) return;
      this.#over();
      this.#listener.refused(error);
    });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#over();
    const stop = simple('stop', { Stop: this.#seq }, this.#request.timeout_ms);
    // It fails when the connection has ended, and the stream with it.
    this.#connection?.request(stop).catch(() => undefined);
  }

  #over(): void {
    this.#stopped = true;
    this.#onOver(this);
  }
}
