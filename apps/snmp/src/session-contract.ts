import { describe, expect, it } from 'vitest';
import { SnmpErrorStatus, type SnmpSession } from './session.ts';
import { textOf } from './value.ts';

/** The objects that an agent under this contract has below 1.3.6.1.2.1.1, in their order. */
const NEXT = ['1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.1.2.0', '1.3.6.1.2.1.1.3.0'];

/**
 * What every `SnmpSession` does.
 *
 * @param open a session with an agent that has the system group, with at least sysDescr, sysObjectID and sysUpTime.
 */
export function sessionContract(name: string, open: () => SnmpSession | Promise<SnmpSession>): void {
  describe(`an SNMP session: ${name}`, () => {
    it('gets instances in the order asked for', async () => {
      const session = await open();
      const [uptime, description] = await session.get(['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.1.0']);
      expect(uptime).toMatchObject({ oid: '1.3.6.1.2.1.1.3.0', type: 'timeticks' });
      expect(typeof uptime?.value).toBe('number');
      expect(textOf(description)?.length).toBeGreaterThan(0);
      session.close();
    });

    it('says which instance there is not', async () => {
      const session = await open();
      const asked = session.get(['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.99.0']);
      if (session.version === '1') {
        await expect(asked).rejects.toThrow(SnmpErrorStatus);
        await expect(asked).rejects.toMatchObject({ status: 'no_such_name', index: 2 });
      } else {
        expect((await asked)[1]?.type).toMatch(/^no_such_/);
      }
      session.close();
    });

    it('gets what follows', async () => {
      const session = await open();
      const next = await session.getNext(['1.3.6.1.2.1.1.1', '1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.1.2.0']);
      expect(next.map(({ oid }) => oid)).toEqual(NEXT);
      session.close();
    });

    it('gets rows in bulk, after the non-repeaters', async () => {
      const session = await open();
      if (session.version !== '1') {
        const varbinds = await session.getBulk(['1.3.6.1.2.1.1.3', '1.3.6.1.2.1.1.1', '1.3.6.1.2.1.1.1.0'], 1, 2);
        expect(varbinds.map(({ oid }) => oid)).toEqual(['1.3.6.1.2.1.1.3.0', NEXT[0], NEXT[1], NEXT[1], NEXT[2]]);
      }
      session.close();
    });

    it('rejects what is asked after it was closed', async () => {
      const session = await open();
      session.close();
      await expect(session.get(['1.3.6.1.2.1.1.3.0'])).rejects.toMatchObject({ name: 'SnmpClosed' });
    });
  });
}
