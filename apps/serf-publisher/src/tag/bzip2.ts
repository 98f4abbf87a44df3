import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What libbzip2 says, in words (bzlib.h). */
const MISTAKES: Readonly<Record<number, string>> = {
  [-3]: 'it needs more memory than it may have',
  [-4]: 'it is damaged, or unpacks to far more than it may',
  [-5]: 'it does not begin as bzip2 does',
  [-7]: 'it ends too early',
  [-8]: 'it unpacks to more than it may',
};

/**
 * Blocks of 100 kB: the smallest there are, which every reader knows. What is packed here is far shorter, packs to the
 * same length whatever the block, and is unpacked with a ninth of the memory.
 */
const BLOCK_100kB = 1;
const WORK_FACTOR_USUAL = 0;
/** The first four bytes of each stream: `BZh`, and how large its blocks may be, from 1 to 9. */
const MAGIC = [0x42, 0x5a, 0x68] as const;
const SMALLEST_BLOCKS = 0x31;
/** libbzip2 asks for room of the input, a hundredth more, and 600 bytes. */
const PACKED_SPARE_bytes = 600;

/** Bytes that are not bzip2, or not as it may be here. */
export class Bzip2Error extends Error {
  override readonly name = 'Bzip2Error';
}

/** What is used here of what every Node.js has, and its types leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new (message: string) => Error;
};

interface Libbzip2 {
  readonly memory: { readonly buffer: ArrayBuffer };
  __wasm_call_ctors(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  BZ2_bzBuffToBuffCompress(...numbers: number[]): number;
  BZ2_bzBuffToBuffDecompress(...numbers: number[]): number;
}

let library: Libbzip2 | undefined;

/** Packs bytes as `bzip2 -1` does. */
export function compress(bytes: Uint8Array): Uint8Array {
  const most_bytes = Math.ceil(bytes.length * 1.01) + PACKED_SPARE_bytes;
  return run(bytes, most_bytes, (lib, target, size, source) =>
    lib.BZ2_bzBuffToBuffCompress(target, size, source, bytes.length, BLOCK_100kB, 0, WORK_FACTOR_USUAL),
  );
}

/**
 * Unpacks what bzip2 has packed.
 *
 * The cost is bounded, whatever the bytes are: no block may hold more than 100 kB before its repeats are spread (a
 * stream that says it has larger blocks is read as if it had not, and is refused where it has), and nothing is spread
 * beyond the room for it.
 *
 * @param most_bytes how many bytes it may unpack to, at most.
 * @throws {Bzip2Error} when it is not bzip2, damaged, cut off, or more than that.
 */
export function decompress(bytes: Uint8Array, most_bytes: number): Uint8Array {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw new Bzip2Error('it does not begin as bzip2 does');
  const packed = Uint8Array.from(bytes);
  packed[MAGIC.length] = SMALLEST_BLOCKS;
  return run(packed, most_bytes, (lib, target, size, source) =>
    lib.BZ2_bzBuffToBuffDecompress(target, size, source, packed.length, 0, 0),
  );
}

function run(
  input: Uint8Array,
  most_bytes: number,
  work: (lib: Libbzip2, target: number, size: number, source: number) => number,
): Uint8Array {
  library ??= load();
  const lib = library;
  const source = lib.malloc(input.length + most_bytes + 4);
  if (source === 0) throw new Bzip2Error(`${input.length} bytes are more than there is memory for`);
  try {
    // The length comes first, since it is read and written as a whole number that begins at a multiple of four.
    const size = source;
    const target = size + 4;
    const from = target + most_bytes;
    new Uint8Array(lib.memory.buffer, from, input.length).set(input);
    const view = new DataView(lib.memory.buffer);
    view.setUint32(size, most_bytes, true);
    const outcome = work(lib, target, size, from);
    if (outcome !== 0) throw new Bzip2Error(MISTAKES[outcome] ?? `libbzip2 refuses it with ${outcome}`);
    return new Uint8Array(lib.memory.buffer, target, view.getUint32(size, true)).slice();
  } catch (error) {
    // Whatever it was that stopped the machine itself: the next call has a new one.
    if (error instanceof WebAssembly.RuntimeError) {
      library = undefined;
      throw new Bzip2Error('libbzip2 has broken down over it', { cause: error });
    }
    throw error;
  } finally {
    if (library === lib) lib.free(source);
  }
}

/**
 * libbzip2 itself, as the package has it for WebAssembly. Its JavaScript is passed over: it changes how the whole process
 * handles errors, and lets the memory grow. Here it never does.
 */
function load(): Libbzip2 {
  const file = createRequire(import.meta.url).resolve('bzip2-wasm/bzip2-1.0.8/bzip2.wasm');
  const none = (): number => 0;
  const breakDown = (): never => {
    throw new WebAssembly.RuntimeError('libbzip2 has found itself inconsistent');
  };
  const copy = (target: number, source: number, bytes: number): void => {
    new Uint8Array(lib.memory.buffer).copyWithin(target, source, source + bytes);
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
    env: { exit: breakDown, emscripten_resize_heap: none, emscripten_memcpy_big: copy },
    wasi_snapshot_preview1: { fd_close: none, fd_write: none, fd_seek: none },
  });
  const lib = exports as Libbzip2;
  lib.__wasm_call_ctors();
  return lib;
}
