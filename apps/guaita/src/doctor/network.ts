import { createServer } from 'node:net';
import type { Check, Finding } from './finding.ts';

/** Can we listen here, or is somebody else there already? */
export function checkPort(check: string, host: string, port: number, flag: string): Check {
  return () =>
    new Promise<readonly Finding[]>((resolve) => {
      const server = createServer();
      server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = error.code === 'EADDRINUSE';
        resolve([
          {
            check,
            level: taken ? 'warning' : 'failure',
            detail: taken ? `port ${port} on ${host} is in use` : `port ${port} on ${host}: ${error.message}`,
            mend: taken
              ? `If that is not a Guaita that already runs, name another port with ${flag} (find who it is: ss -ltnp).`
              : `Name another port with ${flag}.`,
          },
        ]);
      });
      server.listen({ host, port, exclusive: true }, () => {
        server.close(() => resolve([{ check, level: 'ok', detail: `port ${port} on ${host} is free` }]));
      });
    });
}
