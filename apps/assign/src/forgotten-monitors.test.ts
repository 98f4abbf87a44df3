import { Wire, type Bus } from '@guaita/bus';
import { ManualClock, type MonitorContext } from '@guaita/service';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ForgottenMonitors } from './forgotten-monitors.ts';

test('a subscription that the broker refuses is told to the log, and ends nothing', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const refuses = { subscribe: () => Promise.reject(new Error('not authorized')) } as unknown as Bus;
  const wire = new Wire(refuses, () => undefined, 'guaita');
  const context = { wire, log, clock: new ManualClock(), turn: { speaks: true } } as unknown as MonitorContext;
  const forgotten = new ForgottenMonitors(context);
  forgotten.forget('old');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await forgotten.stop();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('not authorized');
});
