import { expect, test } from 'vitest';
import { Abreast } from './abreast.ts';

const settled = (): boolean => true;
const PATIENCE = [
  { link: 'serf', silence_ms: Infinity },
  { link: 'mqtt', silence_ms: 3_000 },
  { link: 'antidote', silence_ms: 150_000 },
];

test('who was never away knows what is', () => {
  const abreast = new Abreast(PATIENCE);
  expect(abreast.is(0, 0, settled)).toBe(true);
  abreast.connected('mqtt', true, 10);
  abreast.heardStored('mqtt', 20);
  abreast.stoodStill(2_900, 5_000);
  expect(abreast.is(5_000, 2_900, settled)).toBe(true);
});

test('who stood still knows nothing better until each other had the time for a beat', () => {
  const abreast = new Abreast(PATIENCE);
  expect(abreast.is(60_000, 50_000, settled)).toBe(false);
  abreast.stoodStill(50_000, 60_000);
  expect([abreast.is(62_999, 0, settled), abreast.is(63_000, 0, settled)]).toEqual([false, true]);
});

test('whose fastest link was down hears first what it had kept, and then the beats', () => {
  const abreast = new Abreast(PATIENCE);
  abreast.connected('mqtt', true, 0);
  abreast.connected('mqtt', false, 10_000);
  expect(abreast.is(90_000, 0, settled)).toBe(false);
  abreast.connected('mqtt', true, 90_000);
  abreast.heardStored('mqtt', 92_000);
  expect([abreast.is(94_999, 0, settled), abreast.is(95_000, 0, settled)]).toEqual([false, true]);
  abreast.heardStored('mqtt', 96_000);
  expect(abreast.is(96_000, 0, settled)).toBe(true);
});

test('and waits for what is missing then, but not for what is missing later', () => {
  const abreast = new Abreast(PATIENCE);
  abreast.stoodStill(50_000, 60_000);
  expect(abreast.is(64_000, 0, () => false)).toBe(false);
  expect(abreast.is(65_000, 0, settled)).toBe(true);
  expect(abreast.is(66_000, 0, () => false)).toBe(true);
});

test('slower links make nobody wait', () => {
  const abreast = new Abreast(PATIENCE);
  abreast.connected('antidote', false, 0);
  abreast.connected('antidote', true, 1_000);
  abreast.heardStored('antidote', 2_000);
  expect(abreast.is(2_000, 0, settled)).toBe(true);
  expect(new Abreast([]).is(0, 0, settled)).toBe(true);
});
