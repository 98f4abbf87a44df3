import { createServer } from 'node:net';

/**
 * A TCP port of the loopback interface that nobody listens on now. The kernel hands ports out in turn, so the next
 * caller gets another one; still, bind it soon.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
  return address.port;
}
