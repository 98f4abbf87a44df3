import { AntidoteDouble } from '@guaita/antidote/double';

/**
 * Stands in for AntidoteDB in an image of its own, where no image of the real server is given: its protocol, and a data
 * centre that hears of no other.
 */
const double = new AntidoteDouble({ listen: { host: '0.0.0.0', port: 8087 } });
await double.start();
process.once('SIGTERM', () => void double.stop());
