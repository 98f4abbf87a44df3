import type { ServiceRecord } from '../../services/service-record.ts';
import type { SourceListener } from '../source.ts';

/** Keeps all that a source tells. */
export class Recorder implements SourceListener {
  /** Each time that it told what it has. */
  readonly said: (readonly ServiceRecord[])[] = [];
  readonly failures: Error[] = [];
  remarks: readonly string[] = [];

  has(services: readonly ServiceRecord[], remarks: readonly string[] = []): void {
    this.said.push(services);
    this.remarks = remarks;
  }

  fails(error: Error): void {
    this.failures.push(error);
  }

  /** What counts now: `http web 192.0.2.1:80`, sorted; nothing while it is silent. */
  get now(): readonly string[] | undefined {
    const last = this.said.at(-1);
    return last === undefined ? undefined : lines(last);
  }

  /** What it told after its first so many words, each time. */
  since(count: number): (readonly string[])[] {
    return this.said.slice(count).map(lines);
  }
}

function lines(services: readonly ServiceRecord[]): readonly string[] {
  return services.map(({ type, name, address, port }) => `${type} ${name} ${address}:${port}`).sort();
}
