import { CertificateError, readCertificate, type CommonConfig } from '@guaita/service';
import type { Check, Finding } from './finding.ts';

/** Could a browser take the certificate of the page? Nothing is found where there is to be none. */
export function checkCertificate({ cert_file, key_file }: CommonConfig['http'], now_ms: number): Check {
  return async () => {
    if (cert_file === undefined || key_file === undefined) return [];
    const find = (level: Finding['level'], detail: string, mend?: string): readonly Finding[] => [
      { check: 'certificate', level, detail, ...(mend === undefined ? {} : { mend }) },
    ];
    try {
      const { from_ms, until_ms } = await readCertificate({ cert_file, key_file });
      const until = `${cert_file} is valid until ${day(until_ms)}`;
      if (now_ms > until_ms) return find('failure', `${cert_file} has expired on ${day(until_ms)}`, 'Renew it.');
      if (now_ms < from_ms)
        return find('failure', `${cert_file} is not valid before ${day(from_ms)}`, 'Set this host’s clock.');
      return find('ok', until);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      return find('failure', error.message, 'The monitor does not start with these.');
    }
  };
}

function day(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 10);
}
