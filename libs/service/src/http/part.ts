import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a service answers to on the port of its process. */
export interface HttpPart {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** A connection that is to speak something else from here on, such as WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The port of a process, as a service sees it. Requests for a host that is not ours do not come this far. */
export interface HttpPlace {
  /** The configured names under which it may be asked, such as that of a proxy in front of it or of a floating IP. */
  readonly names: readonly string[];
  /** Answers with `part` to all but `/metrics` and `/healthz`. The function that it gives ends that. */
  serve(part: HttpPart): () => void;
}
