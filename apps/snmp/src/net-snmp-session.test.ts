import { expect, test } from 'vitest';
import { NetSnmpSession } from './net-snmp-session.ts';
import { SnmpTimeout } from './session.ts';
import { UdpSockets, type DatagramListener } from './udp.ts';

const TIMEOUT_ms = 200;
const GET_REQUEST = 0xa0;
const GET_RESPONSE = 0xa2;

/**
 * A busy host: a datagram is gone long after it was given away, and the answer to the first comes when the session no
 * longer waits for it, and net-snmp still does.
 */
class BusyHost extends UdpSockets {
  #hear: DatagramListener = () => undefined;
  #isFirst = true;

  override listen(address: string, port: number, listener: DatagramListener): () => void {
    this.#hear = listener;
    return super.listen(address, port, listener);
  }

  override send(datagram: Uint8Array, _address: string, _port: number, callback: (error: Error | null) => void): void {
    setTimeout(() => callback(null), 1.5 * TIMEOUT_ms);
    if (!this.#isFirst) return;
    this.#isFirst = false;
    const answer = Buffer.from(datagram);
    answer[answer.indexOf(GET_REQUEST)] = GET_RESPONSE;
    setTimeout(() => this.#hear(answer), 2.25 * TIMEOUT_ms);
  }
}

test('the late answer to a request that was given up is not taken for that to the next, which goes on', async () => {
  const session = new NetSnmpSession({
    ...{ address: '127.0.0.1', port: 161, credentials: { version: '1', community: 'public' } },
    ...{ timeout_ms: TIMEOUT_ms, retries: 0, sockets: new BusyHost(() => undefined) },
  });
  for (let time = 0; time < 3; time += 1) await expect(session.get(['1.3.6.1.2.1.1.5.0'])).rejects.toThrow(SnmpTimeout);
  session.close();
});
