// Runs inside the namespace: probes each address of the input once with the `ping` package, 32 at a time, and prints
// how many answered.
import { text } from 'node:stream/consumers';
import ping from 'ping';

const addresses = (await text(process.stdin)).trim().split('\n');
let answered = 0;
await Promise.all(
  Array.from({ length: 32 }, async () => {
    for (let address = addresses.pop(); address !== undefined; address = addresses.pop()) {
      const { alive } = await ping.promise.probe(address, { min_reply: 1, timeout: 1, numeric: true });
      if (alive) answered += 1;
    }
  }),
);
process.stdout.write(`${answered}\n`);
