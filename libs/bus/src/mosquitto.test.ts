import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { busContract, overTcp, overUnixSocket, type ContractBroker } from './contract.ts';

function contractBroker(broker: Mosquitto): ContractBroker {
  return {
    stopBroker: () => broker.halt(),
    startBroker: ({ empty }) => broker.restart({ empty }),
    persists: true,
    close: () => broker.stop(),
  };
}

busContract('Mosquitto', async () => {
  const broker = await startMosquitto({ persistence: true });
  return overTcp(broker.port, contractBroker(broker));
});

busContract('Mosquitto on a Unix socket', async () => {
  const broker = await startMosquitto({ persistence: true, unixSocket: true });
  return overUnixSocket(broker.socket, contractBroker(broker));
});
