import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text } from './bytes.ts';
import { AntidoteClient } from './client.ts';
import { CRDT_TYPES, field, object, type BoundObject, type CrdtType } from './crdt.ts';
import { ServerError, TransactionAbortedError } from './errors.ts';
import { add, assign, increment, inMap, remove, removeFields, reset, setFlag } from './update.ts';
import { MapValue } from './value.ts';

/** A server takes milliseconds for any of this; a loaded machine may take some seconds. */
const PATIENCE_ms = 30_000;

/** What the client and any AntidoteDB do together: run by the double and by the real server. */
export function clientContract(name: string, address: () => Promise<string>): void {
  describe(`a client and ${name}`, { timeout: PATIENCE_ms }, () => {
    let client: AntidoteClient;
    const bucket = `contract-${process.pid}-${Date.now()}`;
    let keys = 0;

    beforeAll(async () => {
      client = new AntidoteClient({ addresses: [await address()], requestTimeout_ms: PATIENCE_ms });
      client.start();
      // A server that was just started may not have a data centre yet.
      await client.createDataCentre([]);
      await client.connectTo([await client.connectionDescriptor()]);
    });

    afterAll(() => client.stop());

    /** An object that nobody has written. */
    function fresh<T extends CrdtType>(type: T): BoundObject<T> {
      keys += 1;
      return object(type, `${type}-${keys}`, bucket);
    }

    test('what was never written reads as its type’s first value', async () => {
      const types = Object.keys(CRDT_TYPES) as CrdtType[];
      const values = await client.read(types.map(fresh));
      expect(Object.fromEntries(types.map((type, index) => [type, values[index]]))).toEqual({
        counter_pn: 0n,
        counter_fat: 0n,
        set_aw: [],
        set_rw: [],
        register_lww: Buffer.from(''),
        register_mv: [],
        map_go: new MapValue([]),
        map_rr: new MapValue([]),
        flag_ew: false,
        flag_dw: false,
      });
    });

    test('counters count up and down, and beyond 32 bits', async () => {
      const pn = fresh('counter_pn');
      const fat = fresh('counter_fat');
      await client.update([increment(pn), increment(pn, 2n ** 40n), increment(fat, -3)]);
      expect(await client.read([pn, fat])).toEqual([2n ** 40n + 1n, -3n]);
      await client.update([increment(pn, -(2n ** 41n)), reset(fat)]);
      expect(await client.read([pn, fat])).toEqual([1n - 2n ** 40n, 0n]);
    });

    test('sets add and remove many elements at once', async () => {
      const aw = fresh('set_aw');
      const rw = fresh('set_rw');
      await client.update([add(aw, 'a', 'b', new Uint8Array([0, 255])), add(rw, 'x')]);
      await client.update([remove(aw, 'b', 'nobody'), remove(rw, 'x'), add(rw, 'y', 'z')]);
      const [inAw, inRw] = await client.read([aw, rw]);
      expect(inAw.map((element) => [...element]).sort()).toEqual([[0, 255], [97]]);
      expect(inRw.map(text).sort()).toEqual(['y', 'z']);
      await client.update([reset(aw), reset(rw)]);
      expect(await client.read([aw, rw])).toEqual([[], []]);
    });

    test('registers hold bytes', async () => {
      const lww = fresh('register_lww');
      const mv = fresh('register_mv');
      await client.update([assign(lww, 'ö'), assign(mv, 'first')]);
      await client.update([assign(lww, 'ö again'), assign(mv, 'second')]);
      const [last, values] = await client.read([lww, mv]);
      expect(text(last)).toBe('ö again');
      expect(values.map(text)).toEqual(['second']);
      await client.update([reset(mv), assign(lww, '')]);
      expect(await client.read([lww, mv])).toEqual([Buffer.from(''), []]);
    });

    test('flags go up and down', async () => {
      const flags = [fresh('flag_ew'), fresh('flag_dw')] as const;
      await client.update(flags.map((flag) => setFlag(flag, true)));
      expect(await client.read(flags)).toEqual([true, true]);
      await client.update([setFlag(flags[0], false), reset(flags[1])]);
      expect(await client.read(flags)).toEqual([false, false]);
    });

    test('maps hold every type, and maps', async () => {
      const map = fresh('map_rr');
      const name = field('register_mv', 'name');
      const inner = field('map_rr', 'inner');
      const hits = field('counter_fat', 'hits');
      await client.update([
        inMap(
          map,
          assign(name, 'ada'),
          inMap(inner, increment(hits, 7), setFlag(field('flag_ew', 'up'), true)),
          add(field('set_aw', 'tags'), 'x', 'y'),
          assign(field('register_lww', 'last'), 'l'),
        ),
      ]);
      const [value] = await client.read([map]);
      expect(value.get(name)?.map(text)).toEqual(['ada']);
      expect(value.get(inner)?.get(hits)).toBe(7n);
      expect(value.get(field('set_aw', 'tags'))?.map(text)).toEqual(['x', 'y']);
      expect(value.get(field('register_lww', 'last'))).toEqual(Buffer.from('l'));
      expect(value.get(field('set_rw', 'tags'))).toBeUndefined();

      await client.update([removeFields(map, name, inner)]);
      const [after] = await client.read([map]);
      expect(after.get(name)).toBeUndefined();
      expect(after.get(inner)).toBeUndefined();
      expect(after.entries).toHaveLength(2);

      const grows = fresh('map_go');
      await client.update([inMap(grows, increment(field('counter_pn', 'n'), 4))]);
      expect((await client.read([grows]))[0].get(field('counter_pn', 'n'))).toBe(4n);
    });

    test('a thousand objects are written and read in one transaction each', async () => {
      const many = Array.from({ length: 1000 }, () => fresh('register_lww'));
      await client.update(many.map((register, index) => assign(register, `value ${index}`)));
      const values = await client.read(many);
      expect(values.map(text)).toEqual(many.map((_, index) => `value ${index}`));
    });

    test('requests go out without waiting, and each gets its own answer', async () => {
      const registers = Array.from({ length: 200 }, () => fresh('register_lww'));
      await Promise.all(registers.map((register, index) => client.update([assign(register, `${index}`)])));
      const answers = await Promise.all(registers.map((register) => client.read([register])));
      expect(answers.map(([value]) => text(value))).toEqual(registers.map((_, index) => `${index}`));
    });

    test('a register of a megabyte', async () => {
      const large = fresh('register_lww');
      const value = new Uint8Array(1024 * 1024).map((_, index) => index % 251);
      await client.update([assign(large, value)]);
      const [read] = await client.read([large]);
      expect(Buffer.compare(read, value)).toBe(0);
    });

    test('nothing can be asked for, and no update made', async () => {
      expect(await client.read([])).toEqual([]);
      await client.update([]);
    });

    test('an interactive transaction sees its own updates, and others see them after the commit', async () => {
      const counter = fresh('counter_pn');
      const inside = await client.transaction(async (transaction) => {
        await transaction.update([increment(counter, 5)]);
        const [outside] = await client.read([counter]);
        expect(outside).toBe(0n);
        return transaction.read([counter]);
      });
      expect(inside).toEqual([5n]);
      expect(await client.read([counter])).toEqual([5n]);
    });

    test('an interactive transaction that throws leaves nothing', async () => {
      const counter = fresh('counter_pn');
      const failed = client.transaction(async (transaction) => {
        await transaction.update([increment(counter, 5)]);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect(await client.read([counter])).toEqual([0n]);
    });

    test('of two transactions that write one object at once, one is aborted with code 3', async () => {
      const counter = fresh('counter_pn');
      const first = await client.begin();
      const second = await client.begin();
      await first.update([increment(counter)]);
      await second.update([increment(counter)]);
      await first.commit();
      await expect(second.commit()).rejects.toThrow(TransactionAbortedError);
      expect(await client.read([counter])).toEqual([1n]);
    });

    test('who is aborted is tried again, until all have counted', async () => {
      const counter = fresh('counter_pn');
      const patient = new AntidoteClient({ addresses: [await address()], abortRetries: 1000 });
      patient.start();
      try {
        await Promise.all(
          Array.from({ length: 10 }, () =>
            patient.transaction((transaction) => transaction.update([increment(counter)])),
          ),
        );
      } finally {
        await patient.stop();
      }
      expect(await client.read([counter])).toEqual([10n]);
    });

    test('a read after a clock sees what was written at it', async () => {
      const register = fresh('register_lww');
      const clock = await client.update([assign(register, 'x')]);
      const { values, clock: later } = await client.snapshot([register], { after: clock });
      expect(text(values[0])).toBe('x');
      expect(later.length).toBeGreaterThan(0);
    });

    test('a mistake gives the first line of the server’s trace, and the connection stands', async () => {
      const counter = fresh('counter_pn');
      const register = object('register_lww', counter.key, bucket);
      await client.update([increment(counter, 3)]);
      const error = await client.update([assign(register, 'x')]).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(ServerError);
      expect((error as ServerError).code).toBe(0);
      expect((error as ServerError).message).toMatch(/^static update: the server failed: (error|exit|throw): \S/);
      expect((error as ServerError).trace).toContain('\n');
      await client.read([fresh('flag_ew')]);
    });

    test('data centres that cannot be are refused, and no retry is tried', async () => {
      await expect(client.createDataCentre(['nobody@127.0.0.9'])).rejects.toThrow(/creation of a data centre: .*log/);
      const refused = await client.connectTo([new Uint8Array([1, 2])]).catch((failure: unknown) => failure);
      expect(refused).toBeInstanceOf(ServerError);
      expect(refused).not.toBeInstanceOf(TransactionAbortedError);
    });
  });
}
