import type { Command } from 'commander';
import { ownHost } from '../own-host.ts';
import { prepareMosquitto, type MosquittoPlaces } from './prepare.ts';

/** What the command is told; each has a default, as the images have it. */
interface MosquittoOptions extends MosquittoPlaces {
  readonly site: string;
}

/** `mosquitto`: writes the configuration of this host's broker. */
export function addMosquitto(program: Command, hostName: string | undefined): void {
  program
    .command('mosquitto')
    .description("write the configuration of this host's broker, and what it needs beside it; then start Mosquitto")
    .option('--site <file>', 'the setting of the site', '/etc/guaita/site.yaml')
    .option('--secrets <folder>', 'users (names and hashes), and for several hosts peers and tls', '/run/secrets')
    .option('--authority <file>', "the site's authority, in PEM", '/etc/guaita/ca.pem')
    .option('--socket <file>', 'where the services of this host reach the broker', '/run/guaita/mosquitto.sock')
    .option('--data <folder>', 'where the broker keeps its state', '/var/lib/mosquitto')
    .option('--into <folder>', 'where mosquitto.conf goes; in memory, since it holds secrets', '/run/guaita-mosquitto')
    .action(async ({ site: file, ...places }: MosquittoOptions) => {
      const { site, host } = await ownHost(file, hostName);
      await prepareMosquitto(site, host, places);
    });
}
