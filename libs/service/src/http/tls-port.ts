import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The first byte of a TLS connection (RFC 8446 §5.1, the content type `handshake`); HTTP begins with a letter. */
const HANDSHAKE = 22;

/** Whether a request came by TLS that ended here. */
export function isByTls({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return socket instanceof TLSSocket;
}

/**
 * Lets a server with a certificate take what comes without TLS as well, so that whoever asks by `http:` is told by which
 * address to ask: a connection that is just cut says nothing. Requests tell which they are (`isByTls`).
 *
 * @param silence_ms after which a connection that says nothing is closed.
 */
export function takePlainToo(server: Server, silence_ms: number): void {
  const beginTls = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const end = (): void => void socket.destroy();
    const sort = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.off('readable', sort).off('error', end).off('end', end).off('timeout', end).setTimeout(0);
      socket.unshift(first);
      if (first[0] !== HANDSHAKE) server.emit('secureConnection', socket);
      else for (const begin of beginTls) begin.call(server, socket);
    };
    socket.on('readable', sort).on('error', end).on('end', end).on('timeout', end).setTimeout(silence_ms);
  });
}
