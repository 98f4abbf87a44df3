// Runs inside the namespace: has the exporter at this URL probe each address of the input once, ten at a time, and
// prints how many answered.
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

const [url = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 10 });

async function scrape(address: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(`${url}?module=icmp&target=${address}`, { agent }, (response) => resolve(text(response))).on('error', reject);
  return /^probe_success 1$/m.test(await promise);
}

const answers = await Promise.all((await text(process.stdin)).trim().split('\n').map(scrape));
process.stdout.write(`${answers.filter(Boolean).length}\n`);
agent.destroy();
