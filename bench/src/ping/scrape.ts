// Runs inside the namespace: has the exporter at this URL probe each address of the input once, one after the other
// over a minute as Prometheus spreads its scrapes, and prints how many answered.
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', seconds = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

async function scrape(address: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(`${url}?module=icmp&target=${address}`, { agent }, (response) => resolve(text(response))).on('error', reject);
  return /^probe_success 1$/m.test(await promise);
}

const addresses = (await text(process.stdin)).trim().split('\n');
const gap_ms = (Number(seconds) * 1000) / addresses.length;
const answers = await Promise.all(addresses.map((address, index) => sleep(index * gap_ms).then(() => scrape(address))));
process.stdout.write(`${answers.filter(Boolean).length}\n`);
agent.destroy();
