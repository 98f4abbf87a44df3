import { link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Span } from './answers.ts';
import { askSeries, askWorst } from './ask.ts';
import type { Figures } from './figures.ts';
import { GuaitaService } from './guaita-service.ts';
import { MONITOR } from './pings.ts';

/** Asks the service: with rollups, and with measurements alone. */
export async function askGuaita(
  folder: string,
  devices: number,
  span: Span,
): Promise<Pick<Figures, 'series' | 'seriesRaw' | 'worst'>> {
  const history = join(folder, 'history');
  const whole = await GuaitaService.start({ monitor: MONITOR, data: join(folder, 'whole'), history });
  let asked: Pick<Figures, 'series' | 'worst'>;
  try {
    asked = { series: await askSeries(whole, devices, span), worst: await askWorst(whole, devices, span) };
  } finally {
    await whole.stop();
  }
  const measurements = await measurementsOf(history, join(folder, 'measurements'));
  // Another host’s files: this one puts nothing of them together that is older than it keeps measurements.
  const raw = await GuaitaService.start({
    ...{ monitor: 'reader', data: join(folder, 'raw'), history: measurements, measurements_days: 1 },
  });
  try {
    return { ...asked, seriesRaw: await askSeries(raw, devices, span) };
  } finally {
    await raw.stop();
  }
}

/** A folder like a history that has measurements of pings alone. */
async function measurementsOf(history: string, folder: string): Promise<string> {
  for (const day of await readdir(join(history, 'ping'))) {
    await mkdir(join(folder, 'ping', day), { recursive: true });
    for (const file of await readdir(join(history, 'ping', day)))
      await link(join(history, 'ping', day, file), join(folder, 'ping', day, file));
  }
  return folder;
}
