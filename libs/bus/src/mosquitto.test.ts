import { startMosquitto } from '@guaita/lab';
import { busContract, overTcp } from './contract.ts';

busContract('Mosquitto', async () => {
  const broker = await startMosquitto({ persistence: true });
  return overTcp(broker.port, {
    stopBroker: () => broker.halt(),
    startBroker: ({ empty }) => broker.restart({ empty }),
    persists: true,
    close: () => broker.stop(),
  });
});
