import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineApi } from './engine-api.ts';
import { startFakeEngine, type FakeEngine } from './fake-engine.testdata.ts';

describe('the API of a Docker engine', () => {
  let engine: FakeEngine;
  let api: EngineApi;
  const { signal } = new AbortController();

  beforeEach(async () => {
    engine = await startFakeEngine();
    api = new EngineApi({ url: engine.url });
  });

  afterEach(() => engine.stop());

  it.each([
    ['1.41', '/v1.41/'],
    ['1.24', '/v1.24/'],
    ['1.9', '/v1.9/'],
    ['1.50', '/v1.50/'],
    ['1.51', '/v1.50/'],
    ['2.0', '/v1.50/'],
  ])('of version %s is asked below %s', async (version, path) => {
    engine.api.fault(/^\/version/, { kind: 'babble', body: JSON.stringify({ ApiVersion: version }) });
    await api.agree(signal);
    engine.api.fault(/info/, { kind: 'babble', body: '{}' });
    expect(await api.self(signal)).toEqual({ node: '', address: '' });
    expect(engine.api.requests.at(-1)).toBe(`${path}info`);
  });

  it('tells when services may have changed, and not of containers that are no service’s', async () => {
    await api.agree(signal);
    const changes = await api.changes(signal);
    await eventually(() => expect(engine.listeners).toBe(1));
    const container = (Attributes: object) => engine.say({ Type: 'container', Action: 'start', Actor: { Attributes } });
    container({ image: 'x' });
    container({ 'com.docker.swarm.service.id': 's' });
    engine.say({ Type: 'container', Action: 'start' });
    engine.say({ Type: 'service', Action: 'update' });
    engine.say({ Type: 'node', Action: 'update' });
    engine.say({ something: 'else' });
    engine.hangUp();
    let count = 0;
    while ((await changes.next()).done !== true) count += 1;
    expect(count).toBe(4);
  });
});
