import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** What a web service was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Stands for a web service on loopback: keeps what it is asked, and answers with what it is given. */
export class WebDouble {
  readonly asked: Asked[] = [];
  answer = '{"ok":true}';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        this.asked.push({ method: request.method ?? '', path: request.url ?? '', body });
        response.setHeader('content-type', 'application/json');
        response.end(this.answer);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A mail server on loopback that keeps what comes, as it came. */
export class MailDouble {
  readonly mails: string[] = [];
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData: (stream, _session, done) => {
        void text(stream).then((mail) => {
          this.mails.push(mail);
          done();
        });
      },
    });
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
