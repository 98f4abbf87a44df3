import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createWebSocketStream, WebSocketServer } from 'ws';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** As strict as the page's own server is. */
const SECURITY = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** What answers `GET /api/<path>`; `undefined`: there is no such thing here (404). */
export type Answers = (path: string, query: URLSearchParams) => unknown;

export interface PageServerOptions {
  /** The built page. */
  readonly folder: string;
  readonly brokerPort: number;
  readonly answers?: Answers;
  /** Without it whoever comes is an operator. */
  readonly token?: string;
}

/** Serves the built page beside a real broker: its files, `/mqtt` as a WebSocket to the broker, and what tests answer. */
export class PageServer {
  /** The commands that were given: the verb and its body. */
  readonly commands: [string, unknown][] = [];
  readonly #options: PageServerOptions;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  readonly #sockets = new WebSocketServer({ server: this.#server, path: '/mqtt', handleProtocols: () => 'mqtt' });

  constructor(options: PageServerOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<void> {
    this.#sockets.on('connection', (socket) => {
      const page = createWebSocketStream(socket);
      const broker = connect(this.#options.brokerPort, '127.0.0.1');
      page.on('error', () => broker.destroy());
      broker.on('error', () => socket.terminate());
      broker.on('close', () => socket.terminate());
      page.pipe(broker).pipe(page);
    });
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://page');
    if (url.pathname.startsWith('/api/')) return this.#answer(url, request, response);
    const name = url.pathname === '/' ? '/index.html' : normalize(url.pathname);
    try {
      const file = await readFile(join(this.#options.folder, name));
      response
        .writeHead(200, { ...SECURITY, 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' })
        .end(file);
    } catch {
      response.writeHead(404, SECURITY).end();
    }
  }

  async #answer(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url.pathname.slice('/api/'.length);
    const say = (status: number, body: unknown, headers = {}): void => {
      response
        .writeHead(status, { ...SECURITY, 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    };
    const body: unknown = request.method === 'POST' ? JSON.parse((await bodyOf(request)) || '{}') : undefined;
    const { token } = this.#options;
    if (path === 'login') {
      if ((body as { token?: unknown }).token !== token) return say(401, { problem: 'No such token.' });
      return say(200, {}, { 'set-cookie': `token=${token}; HttpOnly; SameSite=Strict; Path=/` });
    }
    if (path === 'logout') return say(200, {}, { 'set-cookie': 'token=; Max-Age=0; Path=/' });
    if (token !== undefined && !(request.headers.cookie ?? '').includes(`token=${token}`)) {
      return say(401, { problem: 'Log in first.' });
    }
    if (path === 'me')
      return say(200, {
        name: 'ada',
        role: 'operator',
        monitor: 'pi-1',
        base: 'guaita',
        version: '0.1.0',
        tokens: token !== undefined,
      });
    if (path.startsWith('commands/')) {
      this.commands.push([path.slice('commands/'.length), body]);
      return say(200, { ok: true, monitor: 'pi-1' });
    }
    const answer = this.#options.answers?.(path, url.searchParams);
    return answer === undefined ? say(404, { problem: 'There is no history here.' }) : say(200, answer);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
