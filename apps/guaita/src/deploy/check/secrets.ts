import type { Site } from '@guaita/site';
import type { Finding } from '../../doctor/finding.ts';
import type { RandomBytes } from '../certificates.ts';
import { daysLeft } from '../certificate-state.ts';
import { planSecrets, readCertificates, SecretsError, type Files } from '../secrets.ts';

/** Is every secret there, and does every certificate serve? What `init` would make is what is amiss. Pure. */
export function secretFindings(
  found: Files,
  site: Site,
  folder: string,
  now_ms: number,
  random: RandomBytes,
): Finding[] {
  const mend = `guaita deploy init --folder ${folder}, then guaita deploy up`;
  try {
    const { said } = planSecrets(found, site, now_ms, random);
    const findings = said.map((line): Finding => {
      const isLacking = line.startsWith('made');
      const detail = line.replace(/^made +/, 'missing: ').replace(/^renewed/, 'to be renewed:');
      return { check: 'secrets', level: isLacking ? 'failure' : 'warning', detail, mend };
    });
    if (findings.length > 0) return findings;
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return [{ check: 'secrets', level: 'failure', detail: error.message, mend }];
  }
  const least = Math.min(...Object.values(readCertificates(found)).map(({ cert }) => daysLeft(cert, now_ms)));
  return [{ check: 'secrets', level: 'ok', detail: `all there; the first certificate ends in ${least} days` }];
}
