import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What an API does wrong to whoever asks next. */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly body: string }
  /** Answers with half of what it should, and breaks the connection. */
  | { readonly kind: 'tear' }
  /** Answers with this, whatever it was asked. */
  | { readonly kind: 'babble'; readonly body: string }
  /** Answers as it should, some bytes at a time. */
  | { readonly kind: 'dribble' }
  /** Never answers. */
  | { readonly kind: 'hang' };

/** So that words and characters are torn. */
const DRIBBLE_characters = 7;

/** Answers one request. */
export type Answer = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

/** An HTTP server of which every connection can be broken, and that can be away for a while. */
export class FakeApi {
  readonly #answer: Answer;
  readonly #path: string | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #faults: { readonly path: RegExp; readonly fault: Fault }[] = [];
  /** Each request that came, as its path with what follows. */
  readonly requests: string[] = [];
  #server: Server | undefined;
  #port = 0;

  /** @param path of a socket; without one it listens on loopback */
  constructor(answer: Answer, path?: string) {
    this.#answer = answer;
    this.#path = path;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Does wrong to the next request whose path fits; faults that were added before come first. */
  fault(path: RegExp, fault: Fault): void {
    this.#faults.push({ path, fault });
  }

  /** How many faults wait for a request. */
  get faultsLeft(): number {
    return this.#faults.length;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => this.#serve(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if (this.#path === undefined) server.listen(this.#port, '127.0.0.1', resolve);
      else server.listen(this.#path, resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Breaks every connection and refuses new ones; `start` lets them in again, at the same place. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#faults.length = 0;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    this.requests.push(request.url ?? '');
    const index = this.#faults.findIndex(({ path }) => path.test(request.url ?? ''));
    const [first] = index === -1 ? [] : this.#faults.splice(index, 1);
    const fault = first?.fault;
    if (fault === undefined) this.#answer(url, response, request);
    else if (fault.kind === 'refuse') response.writeHead(fault.status).end(fault.body);
    else if (fault.kind === 'babble') response.end(fault.body);
    else if (fault.kind === 'tear') this.#tear(url, response, request);
    else if (fault.kind === 'dribble') this.#dribble(url, response, request);
  }

  /** Answers as it should, but that the second half of the first piece never comes. */
  #tear(url: URL, response: ServerResponse, request: IncomingMessage): void {
    const write = response.write.bind(response);
    const half = (chunk: string): true => {
      write(chunk.slice(0, Math.ceil(chunk.length / 2)), () => response.destroy());
      return true;
    };
    response.write = half;
    response.end = ((chunk: string) => {
      half(chunk);
      return response;
    }) as ServerResponse['end'];
    this.#answer(url, response, request);
  }

  #dribble(url: URL, response: ServerResponse, request: IncomingMessage): void {
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    let rest = '';
    let hasEnded = false;
    const drop = (): void => {
      if (rest !== '') {
        write(rest.slice(0, DRIBBLE_characters), () => setImmediate(drop));
        rest = rest.slice(DRIBBLE_characters);
      } else if (hasEnded) end();
    };
    const later = (chunk: string): true => {
      if (rest === '') setImmediate(drop);
      rest += chunk;
      return true;
    };
    response.write = later;
    response.end = ((chunk = '') => {
      hasEnded = true;
      later(chunk as string);
      return response;
    }) as ServerResponse['end'];
    this.#answer(url, response, request);
  }
}

/** Gives a value as the whole answer. */
export function giveJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
