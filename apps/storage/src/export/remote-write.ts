import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { compress } from 'snappyjs';
import type { Sample } from './samples.ts';

/** What a request of remote write 1.0 says of itself (https://prometheus.io/docs/specs/prw/remote_write_spec/). */
export const REMOTE_WRITE_HEADERS = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-write-version': '0.1.0',
} as const;

/** The numbers of fields in that specification’s `WriteRequest`, `TimeSeries`, `Label` and `Sample`. */
const FIELD = { timeseries: 1, labels: 1, samples: 2, name: 1, value: 2, sampleValue: 1, timestamp: 2 } as const;

/** Samples of one series. */
export interface TimeSeries {
  /** By name, in order of the names; `__name__` is the metric’s. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** By time. */
  readonly samples: readonly Pick<Sample, 'value' | 'at_ms'>[];
}

/**
 * A request’s body: each series once, its labels by name and its samples by time, as the specification wants it.
 *
 * @param common labels that every series gets; a sample’s own go before.
 */
export function encodeWriteRequest(
  samples: readonly Sample[],
  common: Readonly<Record<string, string>> = {},
): Uint8Array {
  const series = new Map<string, { labels: [string, string][]; samples: Sample[] }>();
  for (const sample of samples) {
    const labels = Object.entries({ ...common, ...sample.labels })
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify(labels);
    const known = series.get(key);
    if (known === undefined) series.set(key, { labels, samples: [sample] });
    else known.samples.push(sample);
  }
  for (const one of series.values()) one.samples.sort((a, b) => a.at_ms - b.at_ms);
  return encodeTimeSeries(series.values());
}

/** The same of samples that are put together by series already. */
export function encodeTimeSeries(series: Iterable<TimeSeries>): Uint8Array {
  const writer = new BinaryWriter();
  for (const { labels, samples } of series) {
    writer.tag(FIELD.timeseries, WireType.LengthDelimited).fork();
    for (const [name, value] of labels) {
      writer.tag(FIELD.labels, WireType.LengthDelimited).fork();
      writer.tag(FIELD.name, WireType.LengthDelimited).string(name.toWellFormed());
      writer.tag(FIELD.value, WireType.LengthDelimited).string(value.toWellFormed());
      writer.join();
    }
    for (const { value, at_ms } of samples) {
      writer.tag(FIELD.samples, WireType.LengthDelimited).fork();
      writer.tag(FIELD.sampleValue, WireType.Bit64).double(value);
      writer.tag(FIELD.timestamp, WireType.Varint).int64(at_ms);
      writer.join();
    }
    writer.join();
  }
  return compress(writer.finish());
}
