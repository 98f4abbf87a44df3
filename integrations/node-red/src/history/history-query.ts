import { isObject } from '../read-object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is asked for where a message does not say it. */
export interface Asked {
  /** None: the message has to say it. */
  readonly device: string;
  readonly kind: string;
  /** From so long ago until now. */
  readonly hours: number;
}

/** A message that does not say which device's history is wanted. */
export class NoDeviceError extends Error {
  override readonly name = 'NoDeviceError';
}

/** A dialog that does not say from when on. */
export class HoursError extends Error {
  override readonly name = 'HoursError';
}

/** Nothing is kept for longer than a century. */
const HOURS_MOST = 100 * 366 * 24;

/**
 * Makes a query of what a flow sends: the id of a device, or an object with any of `device`, `kind`, `from`, `to` and
 * whatever else the storage service takes. What is left out is as the dialog says.
 *
 * @param now_ms milliseconds since 1970.
 * @throws {NoDeviceError} when neither says which device.
 * @throws {HoursError} when the hours of the dialog are none.
 */
export function historyQuery(payload: unknown, { device, kind, hours }: Asked, now_ms: number): Fields {
  if (!(hours > 0 && hours <= HOURS_MOST))
    throw new HoursError(`the hours are ${hours}: give in the dialog how many, such as 24`);
  const from = new Date(now_ms - hours * 3_600_000).toISOString();
  const named = device === '' ? {} : { device };
  const said = isObject(payload) ? payload : typeof payload === 'string' && payload !== '' ? { device: payload } : {};
  const query: Fields = { ...named, kind, from, to: new Date(now_ms).toISOString(), ...said };
  if (typeof query['device'] === 'string') return query;
  throw new NoDeviceError(
    'no device is named: choose one in the dialog, or give its id as msg.payload or msg.payload.device',
  );
}
