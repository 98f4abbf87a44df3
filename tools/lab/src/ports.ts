import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

/**
 * Below the ports that kernels give to connections that go out (32768 and up with Linux, RFC 6335 §6 from 49152): none of
 * those can take a port between our look at it and the server's that it is for.
 */
const [FIRST, COUNT] = [10_240, 22_000];

/** Enough for any machine on which tests can run at all. */
const ATTEMPTS = 100;

/** A port of the loopback interface on which nobody listens now, by TCP or UDP. Picked at random, so that others who look get another. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if ((await isFreeByTcp(port)) && (await isFreeByUdp(port))) return port;
  }
  throw new Error(`no port of ${FIRST}–${FIRST + COUNT - 1} is free on 127.0.0.1`);
}

function isFreeByTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isFreeByUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

/** Tells whether somebody listens on a port. */
export function listens(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const answer = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
