import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import { CertificateError, readCertificate, type Certificate, type CertificateFiles } from './certificate.ts';

/**
 * How soon a renewed certificate is shown: whoever renews does so days before. The files are read and compared, since links
 * to others take their place (certbot, Kubernetes) and times of files do not tell what is in them.
 */
const LOOK_ms = 60_000;

export interface KeptCertificateOptions {
  readonly files: CertificateFiles;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each certificate that takes the place of the one before. */
  readonly renewed: (certificate: Certificate) => void;
  /** Told what is wrong with it, at each look; `''` when nothing is. */
  readonly told: (trouble: string) => void;
}

/** A certificate that is read again while it is shown. */
export class KeptCertificate {
  readonly #options: KeptCertificateOptions;
  #shown: Certificate | undefined;
  #timer: Timer | undefined;
  #trouble = '';
  #stopped = false;

  constructor(options: KeptCertificateOptions) {
    this.#options = options;
  }

  /** @throws {CertificateError} when there is none to begin with. */
  async start(): Promise<Certificate> {
    const certificate = await readCertificate(this.#options.files);
    this.#shown = certificate;
    this.#tell(this.#age(certificate));
    this.#lookLater();
    return certificate;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(LOOK_ms, () => void this.#look().finally(() => this.#lookLater()));
  }

  /** The one before goes on to be shown while there is no other: of two files one may be written already. */
  async #look(): Promise<void> {
    const { files, log, renewed } = this.#options;
    const shown = this.#shown;
    if (shown === undefined) return;
    try {
      const found = await readCertificate(files);
      if (this.#stopped) return;
      if (found.cert !== shown.cert || found.key !== shown.key) {
        this.#shown = found;
        renewed(found);
        log.info(
          `${files.cert_file} is a new certificate, shown from now on; it is valid until ${day(found.until_ms)}`,
        );
      }
      this.#tell(this.#age(found));
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#tell(
        `${error.message}; until then the certificate from before is shown, valid until ${day(shown.until_ms)}`,
      );
    }
  }

  /** What browsers will say of its dates; `''` when nothing. */
  #age({ from_ms, until_ms }: Certificate): string {
    const { clock, files } = this.#options;
    const now_ms = clock.now_ms();
    if (now_ms > until_ms)
      return `the certificate in ${files.cert_file} has expired on ${day(until_ms)}: browsers refuse it; renew it`;
    if (now_ms < from_ms)
      return `the certificate in ${files.cert_file} is not valid before ${day(from_ms)}; set this host’s clock, or make another`;
    return '';
  }

  #tell(trouble: string): void {
    const { log, told } = this.#options;
    if (trouble !== '' && trouble !== this.#trouble) log.warn(trouble);
    this.#trouble = trouble;
    told(trouble);
  }
}

function day(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 10);
}
