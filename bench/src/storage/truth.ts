import { HOUR_ms, hoursOf, WORST, type Hour, type Span, type Worst } from './answers.ts';
import { deviceId, pingsOf, REQUESTS } from './pings.ts';

/** Of means of hours that were worked out otherwise: weighted by replies or by probes. */
const RTT_tolerance = 0.02;
/** Of losses, which are the same however they are worked out but for the last digits. */
const LOSS_tolerance = 1e-6;

/** A store that says something else than what it was given. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/** Compares a device’s graph with the pings that were kept. @throws {WrongAnswer} */
export function checkSeries(device: number, span: Span, found: readonly Hour[]): void {
  const hours = hoursOf(span);
  if (found.length !== hours) throw new WrongAnswer(`${deviceId(device)}: ${found.length} hours of ${hours}`);
  found.forEach(({ loss_percent, rtt_avg_ms }, index) => {
    const begin_ms = span.from_ms + index * HOUR_ms;
    const pings = pingsOf(device, begin_ms, begin_ms + HOUR_ms);
    const received = pings.reduce((sum, ping) => sum + ping.received, 0);
    const loss = 100 * (1 - received / (REQUESTS * pings.length));
    const trips_us = pings.flatMap(({ rtt }) => (rtt === undefined ? [] : [rtt.avg_us]));
    const mean_ms = trips_us.reduce((sum, each) => sum + each, 0) / trips_us.length / 1000;
    const isRight =
      Math.abs(loss_percent - loss) <= 100 * LOSS_tolerance &&
      (trips_us.length === 0 || Math.abs((rtt_avg_ms ?? NaN) - mean_ms) <= RTT_tolerance * mean_ms);
    if (isRight) return;
    const wanted = `${loss} % and ${mean_ms} ms`;
    throw new WrongAnswer(`${deviceId(device)}, hour ${index}: ${loss_percent} % and ${rtt_avg_ms} ms, not ${wanted}`);
  });
}

/** Compares the worst with the pings that were kept. @throws {WrongAnswer} */
export function checkWorst(devices: number, span: Span, found: readonly Worst[]): void {
  if (found.length !== Math.min(WORST, devices)) throw new WrongAnswer(`${found.length} worst devices of ${WORST}`);
  const [worst] = found;
  const device = Number(worst?.device.replace(/^.*-/, ''));
  const pings = pingsOf(device, span.from_ms, span.to_ms);
  const loss = 100 * (1 - pings.reduce((sum, ping) => sum + ping.received, 0) / (REQUESTS * pings.length));
  if (Math.abs((worst?.loss_percent ?? 0) - loss) <= 100 * LOSS_tolerance) return;
  throw new WrongAnswer(`the worst is ${worst?.device} with ${worst?.loss_percent} %, which has ${loss} %`);
}
