import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AntidoteError, ProtocolError } from '../errors.ts';

/** How a field stands on the wire: its number and its wire type in one number (protobuf encoding, "message structure"). */
export const inBytes = (field: number): number => (field << 3) | WireType.LengthDelimited;
export const inVarint = (field: number): number => (field << 3) | WireType.Varint;

/**
 * Reads a message field by field.
 *
 * @param take gets each field's number and wire type as by `inBytes` and `inVarint`; reads it and returns true, or false
 *   to have it passed over, as protobuf wants of fields that are not known.
 * @throws {ProtocolError} when the bytes are no message.
 */
export function readMessage(
  what: string,
  bytes: Uint8Array,
  take: (tag: number, reader: BinaryReader) => boolean,
): void {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (!take((number << 3) | type, reader)) reader.skip(type, number);
    }
  } catch (error) {
    if (error instanceof AntidoteError) throw error;
    throw new ProtocolError(`${what} is not as the protocol has it`, { cause: error });
  }
}

/** The value of a field that must be there. */
export function required<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new ProtocolError(`${what} is missing`);
  return value;
}

export type Write = (writer: BinaryWriter) => void;

/** The bytes of a message. */
export function message(write: Write): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/** Writes a message as a field of another. */
export function writeNested(writer: BinaryWriter, field: number, write: Write): void {
  writer.uint32(inBytes(field)).fork();
  write(writer);
  writer.join();
}

export function writeBytes(writer: BinaryWriter, field: number, value: Uint8Array): void {
  writer.uint32(inBytes(field)).bytes(value);
}

export function writeUint32(writer: BinaryWriter, field: number, value: number): void {
  writer.uint32(inVarint(field)).uint32(value);
}

export function writeBool(writer: BinaryWriter, field: number, value: boolean): void {
  writer.uint32(inVarint(field)).bool(value);
}
