import { probeEngineContract } from './contract.ts';
import { ScriptedEngine, silent } from './scripted.ts';

probeEngineContract('of the tests', async () => {
  const engine = new ScriptedEngine();
  engine.script('10.200.0.250', silent);
  return {
    engine,
    answering: Array.from({ length: 20 }, (_, index) => `10.200.0.${index + 1}`),
    silent: ['10.200.0.250'],
    stop: async () => undefined,
  };
});
