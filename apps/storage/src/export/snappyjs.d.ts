declare module 'snappyjs' {
  /** The block format of Snappy, without frames. */
  export function compress(bytes: Uint8Array): Uint8Array;
  export function uncompress(bytes: Uint8Array, max_bytes?: number): Uint8Array;
}
