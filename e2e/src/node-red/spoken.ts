import { MqttBus, Wire } from '@guaita/bus';
import { channels, type DeviceSpec, type Reply } from '@guaita/messages';
import type { Alert, Verdict, VerdictState } from '@guaita/model';

const AT = '2026-11-22T22:41:25.000Z';

/** An alert as the alert service says it. */
export function alertOn(subject: string, fields: Partial<Alert> = {}): Alert {
  return {
    ...{ id: '00000000000000a1', kind: 'down', severity: 'critical', subject, name: subject, tags: [], episode: 1 },
    ...{ since: AT, at: AT, text: `${subject} is down: “no reply” says pi-1`, resolves: false },
    seen_by: [{ monitor: 'pi-1', sees: 'down', counts: true }],
    ...fields,
  };
}

/** A device's inventory entry as assign says it. */
export function specOf(device: string, fields: Partial<DeviceSpec> = {}): DeviceSpec {
  return {
    ...{ device, name: device.toUpperCase(), addresses: ['192.0.2.1'], parents: [], tags: [], checks: {} },
    ...{ source: 'a test', monitors: ['pi-1'] },
    ...fields,
  };
}

/** What the alert service says of a device. */
export function verdict(state: VerdictState, reason = `it is ${state}`): Verdict {
  return { state, since: AT, reason, episode: 1, seen_by: [] };
}

/** Speaks on a broker in the place of a monitor, in the words of the wire contract. */
export class Spoken {
  readonly wire: Wire;
  #endAnswering: (() => Promise<void>) | undefined;

  constructor(url: string, credentials: { readonly username?: string; readonly password?: string } = {}) {
    const bus = new MqttBus({
      url,
      clientId: 'a-monitor',
      log: () => {},
      retry: { first_ms: 50, most_ms: 200 },
      ...credentials,
    });
    this.wire = new Wire(bus, () => undefined);
  }

  async start(): Promise<void> {
    await this.wire.bus.start(AbortSignal.timeout(20_000));
  }

  async stop(): Promise<void> {
    await this.wire.bus.stop(500);
  }

  alert(alert: Alert): void {
    this.wire.say(channels.alert, { severity: alert.severity, subject: alert.subject }, alert);
  }

  device(device: string, state: VerdictState, spec: Partial<DeviceSpec> = {}): void {
    this.wire.say(channels.spec, { device }, specOf(device, spec));
    this.wire.say(channels.state, { device }, verdict(state));
  }

  /**
   * Answers commands from now on, or not (`undefined`).
   *
   * @returns what comes: what stands below `command/`, and the command.
   */
  async answer(
    reply: (verb: string, command: unknown) => Reply | undefined,
  ): Promise<readonly (readonly [string, unknown])[]> {
    await this.#endAnswering?.();
    const given: [string, unknown][] = [];
    this.#endAnswering = await this.wire.bus.subscribe(`${this.wire.base}/command/#`, (message) => {
      const verb = message.topic.slice(`${this.wire.base}/command/`.length);
      const command: unknown = JSON.parse(new TextDecoder().decode(message.payload));
      given.push([verb, command]);
      const answer = reply(verb, command);
      if (answer !== undefined) this.wire.reply(message, answer);
    });
    return given;
  }
}
