import { expect, test } from 'vitest';
import { HealthBoard } from './health-board.ts';
import { Health } from './health.ts';

test('health is good while every part is, and the newest word counts', () => {
  const health = new Health();
  expect(health.ok).toBe(true);
  health.report('fping', false, 'missing');
  health.report('broker', true);
  expect(health.ok).toBe(false);
  health.report('fping', true);
  expect(health.ok).toBe(true);
});

test('only changes are told: a part that fails, and that is well again', () => {
  const told: string[] = [];
  const health = new Health((part, { ok, detail }) => told.push(`${part} ${ok} ${detail}`));
  health.report('fping', true);
  health.report('fping', false, 'missing');
  health.report('fping', false, 'still missing');
  health.report('fping', true);
  expect(told).toEqual(['fping false missing', 'fping true ']);
});

test('a process is not well until all its services have started', () => {
  const board = new HealthBoard();
  board.expect('ping');
  board.add('ping', new Health());
  expect(board.report()).toEqual({ ok: false, parts: { 'ping/start': { ok: false, detail: 'has not started yet' } } });
  board.started('ping');
  expect(board.report()).toEqual({ ok: true, parts: {} });
});

test('a process is well while it has services and all are', () => {
  const board = new HealthBoard();
  expect(board.report()).toEqual({ ok: false, parts: {} });
  const [ping, snmp] = [new Health(), new Health()];
  board.add('ping', ping);
  board.add('snmp', snmp);
  snmp.report('profiles', false, 'none');
  expect(board.report()).toEqual({ ok: false, parts: { 'snmp/profiles': { ok: false, detail: 'none' } } });
  board.remove('snmp');
  expect(board.report().ok).toBe(true);
});
