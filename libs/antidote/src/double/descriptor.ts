/**
 * A connection descriptor as the server writes it, as far as clients read it: `{descriptor, {Node, {0, 0, 0}}, 16, [], []}` in
 * Erlang's external term format.
 */
export function descriptorOf(node: string): Uint8Array {
  const atom = (name: string): Buffer =>
    Buffer.concat([Buffer.from([119, Buffer.byteLength(name)]), Buffer.from(name)]);
  const time = Buffer.from([104, 3, 97, 0, 97, 0, 97, 0]);
  return Buffer.concat([
    Buffer.from([131, 104, 5]),
    atom('descriptor'),
    Buffer.from([104, 2]),
    atom(node),
    time,
    Buffer.from([97, 16, 106, 106]),
  ]);
}
