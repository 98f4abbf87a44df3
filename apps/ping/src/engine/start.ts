import type { Health } from '@guaita/service';
import type { Logger } from 'pino';
import { EngineError, type ProbeEngine } from './engine.ts';

/**
 * Starts the first engine that can probe. One that cannot is warned of once, and stays a note in the health report
 * while the service works with the next.
 *
 * @throws {EngineError} when none can.
 */
export async function startFirst(engines: readonly ProbeEngine[], log: Logger, health: Health): Promise<ProbeEngine> {
  const failures: string[] = [];
  for (const engine of engines) {
    try {
      await engine.start();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failures.push(error.message);
      continue;
    }
    const note =
      failures.length === 0 ? '' : `probing with ${engine.name}, which costs far more: ${failures.join('; ')}`;
    if (note !== '') log.warn({ engine: engine.name }, note);
    health.report('engine', true, note);
    return engine;
  }
  health.report('engine', false, failures.join('; '));
  throw new EngineError(`nothing here can send pings: ${failures.join('; ')}`);
}
