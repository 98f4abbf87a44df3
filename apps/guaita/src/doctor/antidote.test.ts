import { AntidoteDouble } from '@guaita/antidote/double';
import { connectDataCentres } from '@guaita/assign';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAntidote } from './antidote.ts';

const said = (text: string): string => expect.stringContaining(text) as string;

describe('the doctor and AntidoteDB', { timeout: 30_000 }, () => {
  let double: AntidoteDouble;

  beforeEach(async () => {
    double = new AntidoteDouble();
    await double.start();
  });

  afterEach(() => double.stop());

  it('says nothing where none is configured', async () => {
    expect(await checkAntidote([])()).toEqual([]);
  });

  it('finds one that answers and was connected', async () => {
    await connectDataCentres([double.address]);
    expect(await checkAntidote([double.address], ['127.0.0.1'])()).toEqual([
      { check: 'antidote', level: 'ok', detail: `${double.address} answers, and knows no monitor yet` },
    ]);
  });

  it('sends to `guaita antidote connect` where the sentinel is missing, and to the clock', async () => {
    const empty = {
      level: 'failure',
      detail: said('nothing had ever been written'),
      mend: said('guaita antidote connect'),
    };
    expect(await checkAntidote([double.address], [])()).toMatchObject([empty]);
    await connectDataCentres([double.address]);
    double.empty = true;
    expect(await checkAntidote([double.address], [])()).toMatchObject([
      { ...empty, mend: said('its clock was set back') },
    ]);
  });

  it('looks at each address, and names the one that is not there', async () => {
    await connectDataCentres([double.address]);
    const gone = new AntidoteDouble();
    await gone.start();
    await gone.stop();
    expect(await checkAntidote([double.address, gone.address], [])()).toMatchObject([
      { level: 'ok' },
      { level: 'failure', detail: said(`${gone.address}: no server within`) },
    ]);
  });

  it('warns where it listens on an address of this host that others reach', async () => {
    await connectDataCentres([double.address]);
    const listens = (host: string): Promise<boolean> => Promise.resolve(host !== '198.51.100.7');
    const look = checkAntidote([double.address], ['127.0.0.1', '10.8.0.1', '198.51.100.7', '203.0.113.7'], listens);
    expect(await look()).toMatchObject([
      { level: 'ok' },
      { level: 'warning', detail: said('on 203.0.113.7, port'), mend: said('firewall') },
    ]);
  });
});

const url = process.env['ANTIDOTE_URL'];
if (url === undefined) {
  console.log('ANTIDOTE_URL is not set (host:port[,…]): the doctor does not look at a real AntidoteDB');
} else {
  describe('the doctor and a real AntidoteDB', { timeout: 120_000 }, () => {
    it('finds it well after `guaita antidote connect`', async () => {
      const addresses = url.split(',');
      await connectDataCentres(addresses);
      for (const finding of await checkAntidote(addresses, ['127.0.0.1'])())
        expect(finding).toMatchObject({ level: 'ok' });
    });
  });
}
