import fc from 'fast-check';
import type { Alert } from '@guaita/model';
import { expect, it } from 'vitest';
import { Audience } from './audience.testdata.ts';

const DEVICES = ['d0', 'd1', 'd2'];
const WELL = { a: 'answering', b: 'answering', c: 'answering' } as const;
const DOWN = { a: 'down', b: 'down', c: 'answering' } as const;

type Act =
  | { readonly device: string; readonly isDown: boolean }
  | { readonly turn: 'a' | 'b' | 'nobody' }
  | { readonly kill: 'a' | 'b' }
  | { readonly pass_s: number }
  | { readonly steps: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ device: fc.constantFrom(...DEVICES), isDown: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ turn: fc.constantFrom('a' as const, 'b' as const, 'nobody' as const) }) },
  { weight: 1, arbitrary: fc.record({ kill: fc.constantFrom('a' as const, 'b' as const) }) },
  { weight: 2, arbitrary: fc.record({ pass_s: fc.integer({ min: 0, max: 20 }) }) },
  // A turn ends, or somebody dies, at any point of what is being said.
  { weight: 2, arbitrary: fc.record({ steps: fc.integer({ min: 1, max: 40 }) }) },
);

/** Two alert services on one broker, of which one speaks at a time, and three devices. */
class Site {
  readonly audience = new Audience();
  readonly #services = new Map<string, Awaited<ReturnType<Audience['service']>>>();
  readonly #outages = new Map<string, { episode: number; isDown: boolean }>();
  #turn: 'a' | 'b' | 'nobody' = 'a';

  async start(): Promise<void> {
    await this.audience.start();
    for (const monitor of ['a', 'b', 'c']) this.audience.monitor(monitor);
    for (const device of DEVICES) this.say(device, false);
    for (const name of ['a', 'b']) await this.#begin(name);
  }

  say(device: string, isDown: boolean): void {
    const before = this.#outages.get(device) ?? { episode: 0, isDown: false };
    const episode = before.episode + (isDown && !before.isDown ? 1 : 0);
    this.#outages.set(device, { episode, isDown });
    this.audience.device(device, isDown ? DOWN : WELL, episode);
  }

  /** Never is it the turn of two. */
  turn(to: 'a' | 'b' | 'nobody'): void {
    this.#turn = to;
    for (const [name, { pass }] of this.#services) if (name !== to) pass(false);
    if (to !== 'nobody') this.#services.get(to)?.pass(true);
  }

  /** It dies, and comes back with nothing but what it has on disk. */
  async kill(name: 'a' | 'b'): Promise<void> {
    const killed = this.#services.get(name);
    if (this.#turn === name) this.turn(name === 'a' ? 'b' : 'a');
    await killed?.kill();
    await this.#begin(name);
  }

  /** `d0 1`: the outages that last, with their episodes. */
  get outages(): string[] {
    return [...this.#outages].flatMap(([device, { episode, isDown }]) => (isDown ? [`${device} ${episode}`] : []));
  }

  async #begin(name: string): Promise<void> {
    const flapping = { changes: 1000 };
    this.#services.set(name, await this.audience.service(name, this.#turn === name, { flapping }));
  }
}

function name({ subject, episode }: Alert): string {
  return `${subject} ${episode}`;
}

it('each outage is told once, and each end once, whoever speaks when', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 3, maxLength: 20 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      async (acts, downAtLast) => {
        const site = new Site();
        const { audience } = site;
        await site.start();
        try {
          for (const each of acts) {
            if ('device' in each) site.say(each.device, each.isDown);
            else if ('turn' in each) site.turn(each.turn);
            else if ('kill' in each) await site.kill(each.kill);
            else if ('steps' in each) for (let n = 0; n < each.steps; n += 1) await Promise.resolve();
            else await audience.pass(each.pass_s);
          }
          site.turn('b');
          DEVICES.forEach((device, n) => site.say(device, downAtLast[n] === true));
          const byId = (): Map<string, Alert[]> => Map.groupBy(audience.alerts, ({ id }) => id);
          const open = (): string[] => audience.open.map((id) => name(byId().get(id)![0]!)).sort();
          await audience.until(() => expect(open()).toEqual(site.outages), 1);
          for (const device of DEVICES) site.say(device, false);
          await audience.until(() => expect(open()).toEqual([]), 1);
          for (const told of byId().values()) expect(told.map(({ resolves }) => resolves)).toEqual([false, true]);
        } finally {
          await audience.stop();
        }
      },
    ),
    { numRuns: 30 },
  );
});
