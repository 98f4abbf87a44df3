import { afterAll, beforeAll } from 'vitest';
import { clientContract } from './contract.ts';
import { AntidoteDouble } from './double/antidote-double.ts';

const double = new AntidoteDouble();
beforeAll(() => double.start());
afterAll(() => double.stop());

clientContract('the double', async () => double.address);

const url = process.env['ANTIDOTE_URL']?.split(',')[0];
if (url === undefined) {
  console.log('ANTIDOTE_URL is not set (host:port of a server): the contract with the real AntidoteDB is left out');
} else {
  clientContract('the real AntidoteDB', async () => url);
}
