import { expect, it } from 'vitest';
import { service } from '../services/services.testdata.ts';
import { Recorder } from './contract/recorder.ts';
import { OwnSource } from './own.ts';

it('tells at once what Guaita itself offers, and that is all', async () => {
  const told = new Recorder();
  const source = new OwnSource([service('guaita-pi-1', 7480)]);
  await source.start(told);
  expect(told.said).toEqual([[service('guaita-pi-1', 7480)]]);
  await source.stop();
  expect(told).toMatchObject({ failures: [], remarks: [] });
});
