import type { Site } from '@guaita/site';

/** What to do after `init`: lines for people. */
export function nextSteps(site: Site, folder: string): string[] {
  const several = site.hosts.length > 1;
  const broker = site.floating_ip?.address ?? site.hosts[0]?.address ?? '';
  return [
    '',
    'Next:',
    `  1. Say what is watched: ${folder}/inventory/devices.yaml; whom alerts go to: ${folder}/config/alert.yaml.`,
    several
      ? '  2. Make one Swarm of the hosts, all of them managers (docker swarm init, docker swarm join).'
      : '  2. Start it: docker compose up --build -d; or docker swarm init, and go on:',
    `  3. guaita deploy check --folder ${folder}     says what is amiss`,
    `  4. guaita deploy up --folder ${folder}        starts everything, and waits until all is well`,
    '',
    `Keep a copy of ${folder}/secrets elsewhere, where nobody else reads it.`,
    `People come in with user watch or operator: mosquitto_sub -h ${broker} -p ${site.ports.mqtt} --cafile ${folder}/ca.pem -u watch -P "$(cat ${folder}/secrets/watch)" -t 'guaita/#'`,
  ];
}
