import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** What the kernel says of TCP_NODELAY, `'1'` or `'0'`, for each connection of this process to a port. */
export async function noDelaysTo(port: number): Promise<string[]> {
  return Promise.all((await connectionsTo(port)).map(noDelay));
}

/** The file descriptors of this process that are connections to a port of this host (proc_net_tcp(5)). */
async function connectionsTo(port: number): Promise<number[]> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = (await readFile('/proc/self/net/tcp', 'utf8')).split('\n').flatMap((line) => {
    const [, , remote = '', , , , , , , inode] = line.trim().split(/\s+/);
    return remote.endsWith(`:${hex}`) ? [`socket:[${inode}]`] : [];
  });
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return names.filter((_, index) => inodes.includes(targets[index] ?? '')).map(Number);
}

/** Node.js itself has no getsockopt. */
async function noDelay(fd: number): Promise<string> {
  const script = 'open(my $s, "+<&=", 3) or die $!; print unpack("i", getsockopt($s, IPPROTO_TCP, TCP_NODELAY))';
  const child = spawn('perl', ['-MSocket=:all', '-e', script], { stdio: ['ignore', 'pipe', 'inherit', fd] });
  let said = '';
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  await once(child, 'close');
  return said;
}
