import { connect, type Socket } from 'node:net';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerStage, PATIENCE_ms, state } from './embedded-broker.testdata.ts';
import { hashPassword } from './passwords.ts';

/** A client "abc" connects by MQTT 5. */
const CONNECT = Buffer.from('101000044d5154540502003c000003616263', 'hex');

/** A client "abc" gives the user name "eve" and the password "x". */
const CONNECT_AS_EVE = Buffer.from('101800044d51545405c2003c000003616263000365766500' + '0178', 'hex');

/** It subscribes to "#" at QoS 0. */
const SUBSCRIBE_ALL = Buffer.from('820700010000012300', 'hex');

const stage = new BrokerStage();
const { client, started } = stage;
beforeEach(() => stage.open());
afterEach(() => stage.close());

describe('hostile clients', { timeout: 10 * PATIENCE_ms }, () => {
  test('thousands of connections that send random bytes harm nobody', async () => {
    const broker = await started();
    const listener = await client(broker);
    const heard: string[] = [];
    await listener.subscribe('alive', ({ payload }) => heard.push(Buffer.from(payload).toString()));
    let seed = 1;
    const random = (): number => {
      // Numerical Recipes' generator: every run sends the same bytes.
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, () => {
          const noise = Buffer.from(
            Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
          );
          const bytes = random() < 0.5 ? Buffer.concat([CONNECT, noise]) : noise;
          return shout(broker.port, bytes);
        }),
      );
    }
    listener.publish({ ...state('alive', 'yes'), retain: false });
    await eventually(() => expect(heard).toContain('yes'));
  });

  test('who tries passwords and hangs up keeps nobody waiting', async () => {
    const users = [{ name: 'ada', passwordHash: await hashPassword('right'), read: ['#'], write: ['#'] }];
    const broker = await started({ users });
    const sockets = Array.from({ length: 30 }, () => connect(broker.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).write(CONNECT_AS_EVE);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const socket of sockets) socket.end();
    // Each would be a second's pause and a check.
    const started_ms = performance.now();
    await client(broker, { username: 'ada', password: 'right' });
    expect(performance.now() - started_ms).toBeLessThan(PATIENCE_ms);
  });

  test('a packet larger than it takes is refused before it is there', async () => {
    const broker = await started();
    const rejected: string[] = [];
    const bus = await client(broker, { onRejected: (_, reason) => rejected.push(reason) });
    bus.publish(state('big', 'x'.repeat(3 * 2 ** 20)));
    await bus.flushed(AbortSignal.timeout(PATIENCE_ms));
    expect(rejected).toEqual(['the broker takes at most 2097152 bytes']);
  });

  test('a subscriber that stops reading does not hold up the others for long', async () => {
    const broker = await started();
    const deaf = connect(broker.port, '127.0.0.1');
    deaf.on('error', () => {});
    deaf.write(Buffer.concat([CONNECT, SUBSCRIBE_ALL]));
    deaf.pause();
    const speaker = await client(broker);
    const listener = await client(broker);
    let heard = 0;
    await listener.subscribe('flood/#', () => (heard += 1));
    for (let n = 0; n < 300; n += 1) speaker.publish({ ...state(`flood/${n}`, 'x'.repeat(100_000)), retain: false });
    await eventually(() => expect(heard).toBe(300));
    deaf.destroy();
  });
});

/** Sends bytes and hangs up, whatever the other side does. */
function shout(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.setTimeout(2_000, () => socket.destroy());
    socket.resume();
  });
}
