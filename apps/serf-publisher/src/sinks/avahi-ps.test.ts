import { KeptFile, ManualClock } from '@guaita/service';
import fc from 'fast-check';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublishedService } from '../services/published-service.ts';
import { service } from '../tag/services.testdata.ts';
import { AvahiPsSink, PublishedList } from './avahi-ps.ts';
import { findProgram, program } from './run-program.ts';
import { SinkError } from './sink.ts';

const HERE = '10.139.40.22';
const LIMIT_ms = 60_000;

let folder: string;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'avahi-ps-'));
  clock = new ManualClock();
  await fake('exit 0');
});
afterEach(() => rm(folder, { recursive: true }));

/** A program called avahi-ps that notes how it is called, an argument a line and `;` at the end, and then does more. */
async function fake(more: string): Promise<void> {
  const script = `#!/bin/sh\nfor each; do printf '%s\\n' "$each"; done >> '${folder}/calls'\necho ';' >> '${folder}/calls'\n${more}\n`;
  await writeFile(join(folder, 'avahi-ps'), script);
  await chmod(join(folder, 'avahi-ps'), 0o755);
}

/** The arguments of each call so far, and forgets them. */
async function calls(): Promise<string[][]> {
  const file = join(folder, 'calls');
  const text = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  return text
    .split(';\n')
    .slice(0, -1)
    .map((call) => call.split('\n').slice(0, -1));
}

function sink(limit_ms = LIMIT_ms): AvahiPsSink {
  const file = findProgram('avahi-ps', `${folder}:/usr/bin`);
  expect(file).toBe(join(folder, 'avahi-ps'));
  const log = { warn: () => undefined };
  return new AvahiPsSink({
    clock,
    run: program(file ?? '', limit_ms),
    addresses: new Set([HERE]),
    kept: new KeptFile(join(folder, 'kept.json'), PublishedList, log as never),
  });
}

describe('avahi-ps', { timeout: 120_000 }, () => {
  it('is told what came, what changed and what went, once each', async () => {
    const avahiPs = sink();
    const web = service({ description: 'La Web', txt: { path: '/a', auth: '' } });
    const git = service({ type: 'git', name: 'git', port: 3000 });
    expect(await avahiPs.publish([web, git], true)).toEqual([]);
    expect(await calls()).toEqual([
      ['publish', 'git', 'git', '3000'],
      ['publish', 'La_Web', 'http', '30080', 'auth&path=/a'],
    ]);
    await avahiPs.publish([git, web], true);
    expect(await calls()).toEqual([]);
    await avahiPs.publish([{ ...web, description: 'W' }, git], true);
    expect(await calls()).toEqual([
      ['unpublish', 'http', '30080'],
      ['publish', 'W', 'http', '30080', 'auth&path=/a'],
    ]);
    await avahiPs.publish([{ ...git, port: 3001 }], true);
    expect(await calls()).toEqual([
      ['unpublish', 'git', '3000'],
      ['unpublish', 'http', '30080'],
      ['publish', 'git', 'git', '3001'],
    ]);
  });

  it('is told again after a restart, and of what went meanwhile once all sources have spoken', async () => {
    await sink().publish([service(), service({ name: 'old', port: 81 })], true);
    await calls();
    const next = sink();
    await next.publish([service()], false);
    expect(await calls()).toEqual([['publish', 'web', 'http', '30080']]);
    await next.publish([service()], true);
    expect(await calls()).toEqual([['unpublish', 'http', '81']]);
  });

  it('is told again ten minutes later, since Avahi may have restarted', async () => {
    const avahiPs = sink();
    await avahiPs.publish([service()], true);
    await clock.advance(9 * 60_000);
    await avahiPs.publish([service()], true);
    expect(await calls()).toHaveLength(1);
    await clock.advance(60_000);
    await avahiPs.publish([service()], true);
    expect(await calls()).toEqual([['publish', 'web', 'http', '30080']]);
  });

  it('is told again of what it ends along with another: of 8080 when it ends 80', async () => {
    const avahiPs = sink();
    const large = service({ name: 'large', port: 8080 });
    await avahiPs.publish([service({ port: 80 }), large, service({ type: 'git', port: 8081 })], true);
    await calls();
    await avahiPs.publish([large, service({ type: 'git', port: 8081 })], true);
    expect(await calls()).toEqual([
      ['unpublish', 'http', '80'],
      ['publish', 'large', 'http', '8080'],
    ]);
  });

  it('is not told what it cannot tell', async () => {
    const services: PublishedService[] = [
      service({ name: 'a', address: '10.0.0.9' }),
      service({ name: 'b', protocol: 'udp' }),
      service({ name: 'c' }),
      service({ name: 'd' }),
    ];
    expect(await sink().publish(services, true)).toEqual([
      { service: services[0], why: 'avahi-ps tells of this host only, and 10.0.0.9 is none of its addresses' },
      { service: services[1], why: 'avahi-ps tells of TCP only' },
      { service: services[3], why: 'avahi-ps can tell of one http at port 30080 only' },
    ]);
    expect(await calls()).toEqual([['publish', 'c', 'http', '30080']]);
  });

  it('gets nothing that a shell would take for anything else', async () => {
    const hostile = service({
      description: `--help; rm -rf ~ $(touch x) \`id\` "a' \\ * ?[a-z] | & > /etc/x\n!é`,
      txt: { 'a b&c': `'; reboot #`, '-x': '$HOME' },
    });
    await sink().publish([hostile], true);
    const [call = []] = await calls();
    expect(call).toEqual([
      'publish',
      'help_rm_-rf_touch_x_id_a_a-z_/etc/x_é',
      'http',
      '30080',
      'x=_HOME&a_b_c=_reboot_',
    ]);
    const words = fc.string({ unit: 'binary', maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(words, fc.dictionary(words, words, { maxKeys: 3 }), async (description, txt) => {
        let told: readonly string[] = [];
        const avahiPs = new AvahiPsSink({
          clock,
          run: (args) => Promise.resolve(void (told = args)),
          addresses: new Set([HERE]),
          kept: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
        });
        await avahiPs.publish([service({ description, txt })], true);
        expect(told[1]).toMatch(/^[\p{L}\p{M}\p{N}._:@/+,][\p{L}\p{M}\p{N}._:@/+,-]{0,47}$/u);
        expect(told[4] ?? '').toMatch(/^(?:[\p{L}\p{M}\p{N}._:@/+,=&][\p{L}\p{M}\p{N}._:@/+,=&-]*)?$/u);
      }),
      { numRuns: 500 },
    );
  });

  it('that fails is an error with what it says, and is told all the same the next time', async () => {
    await fake('echo "no such plug" >&2; exit 3');
    const avahiPs = sink();
    const failed = avahiPs.publish([service()], true);
    await expect(failed).rejects.toThrow(SinkError);
    await expect(failed).rejects.toThrow(
      `avahi-ps publish web http 30080: ${folder}/avahi-ps ended with status 3: no such plug`,
    );
    await calls();
    await fake('exit 0');
    await avahiPs.publish([service()], true);
    expect(await calls()).toEqual([['publish', 'web', 'http', '30080']]);
  });

  it('that never ends, or is not there, is an error', async () => {
    await fake('exec sleep 600');
    await expect(sink(200).publish([service()], true)).rejects.toThrow('did not end within 0.2 s');
    const gone = sink();
    await rm(join(folder, 'avahi-ps'));
    await expect(gone.publish([service()], true)).rejects.toThrow('cannot be run');
    expect(findProgram('avahi-ps', folder)).toBeUndefined();
  });

  it('may leave something running in the background', async () => {
    await fake(`sleep 600 2> /dev/null &\necho $! > '${folder}/pid'`);
    await sink().publish([service()], true);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).not.toThrow();
    process.kill(pid, 'SIGKILL');
  });
});
