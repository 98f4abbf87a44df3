import { afterEach, beforeEach, expect, it } from 'vitest';
import { Audience } from './audience.testdata.ts';

const UP = { a: 'answering', b: 'answering', c: 'answering' } as const;
const DOWN = { a: 'down', b: 'down', c: 'down' } as const;
/** The others see it answer again; who was away has not looked since. */
const STALE = { a: 'down', b: 'answering', c: 'answering' } as const;

let audience: Audience;
beforeEach(async () => {
  audience = new Audience();
  await audience.start();
  for (const monitor of ['a', 'b', 'c']) audience.monitor(monitor);
});
afterEach(() => audience.stop());

/** The alerts that were said, `end of` those that are over. */
function said(): string[] {
  return audience.alerts.map(({ subject, resolves }) => `${resolves ? 'end of ' : ''}${subject}`);
}

/** Of two alert services the first speaks, and has said that a router is down. */
async function outage() {
  const a = await audience.service('a');
  const b = await audience.service('b', false);
  audience.device('router', UP, 0);
  await audience.until(() => expect(audience.states.at(-1)).toBe('router up'), 1);
  audience.device('router', DOWN);
  await audience.until(() => expect(said()).toEqual(['router']), 1);
  return { a, b };
}

/** The router comes back while b speaks; then it is a's turn, who has its own old claim to judge by as well. */
async function comesBack({ a, b }: Awaited<ReturnType<typeof outage>>, back: () => void): Promise<void> {
  b.pass(true);
  await audience.pass(1);
  audience.device('router', { b: 'answering', c: 'answering' });
  await audience.until(() => expect(said()).toEqual(['router', 'end of router']), 1);
  await audience.until(() => expect(audience.state('router')?.state).toBe('up'));
  audience.states.length = 0;
  back();
  await audience.pass(1);
  audience.device('router', STALE);
  await audience.pass(1);
  b.pass(false);
  a.pass(true);
  for (let second = 0; second < 4; second += 1) await audience.pass(1);
  audience.device('router', UP);
  for (let second = 0; second < 30; second += 1) await audience.pass(1);
  expect(said()).toEqual(['router', 'end of router']);
  expect(new Set(audience.states)).toEqual(new Set(['router up']));
}

it('a speaker that was cut off goes on from what was said without it, whatever it last knew', async () => {
  const services = await outage();
  services.a.pass(false);
  audience.broker.bar('a-alert');
  await comesBack(services, () => audience.broker.admit('a-alert'));
});

it('so does one that stood still, and takes what others said for its own echo before it knows', async () => {
  const services = await outage();
  services.a.freeze();
  await comesBack(services, () => services.a.thaw());
});
