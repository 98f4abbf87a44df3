import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { JsonApi } from '../http/json-api.ts';
import { CredentialsError, mendOfCluster, openCluster } from './cluster.ts';

const SECRET = 'planted-secret';

/** What an API server has seen of a client. */
interface Seen {
  readonly authorization: string | undefined;
  /** The name in its certificate. */
  readonly certificate: string | undefined;
}

let folder: string;
let server: Server;
let seen: Seen[] = [];

const file = (name: string): string => join(folder, name);

/** An API server that asks for certificates and takes any credentials. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  for (const name of ['server', 'client']) {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
  }
  server = createServer(
    {
      ...{ key: await readFile(file('server.key')), cert: await readFile(file('server.pem')) },
      ...{ ca: await readFile(file('client.pem')), requestCert: true, rejectUnauthorized: false },
    },
    (request, response) => {
      const subject: unknown = (request.socket as TLSSocket).getPeerCertificate()?.subject?.CN;
      seen.push({ authorization: request.headers.authorization, certificate: subject as string | undefined });
      response.end('{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await writeFile(file('token'), `${SECRET}\n`);
}, 60_000);

afterEach(() => {
  seen = [];
  vi.unstubAllEnvs();
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

interface Written {
  readonly user?: object;
  readonly cluster?: object;
  readonly context?: string;
}

/** Writes a kubeconfig for the server, with other users or clusters than its own. */
async function written({ user = {}, cluster = {}, context = 'here' }: Written): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const config = {
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    'current-context': context,
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${port}/prefix/`, 'certificate-authority': 'server.pem', ...cluster },
      },
    ],
    users: [{ name: 'u', user }],
  };
  await writeFile(file('config'), JSON.stringify(config));
  return file('config');
}

/** Asks the server for something, as a kubeconfig says. */
async function ask(kubeconfig: string): Promise<unknown> {
  const { what, entrance } = await openCluster({ kubeconfig });
  const options = { what, entrance, mend: mendOfCluster, timeout_ms: 30_000, silence_ms: 30_000 };
  return new JsonApi(options).get('/api', z.unknown(), new AbortController().signal);
}

async function failureOf(asked: Promise<unknown>): Promise<Error> {
  const failure = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Error);
  return failure as Error;
}

describe('a cluster is entered', () => {
  it.each<[string, object, Seen]>([
    ['with a token', { token: SECRET }, { authorization: `Bearer ${SECRET}`, certificate: undefined }],
    [
      'with a user and password',
      { username: 'me', password: SECRET },
      { authorization: `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`, certificate: undefined },
    ],
    [
      'with a client certificate',
      { 'client-certificate': 'client.pem', 'client-key': 'client.key' },
      { authorization: undefined, certificate: 'client' },
    ],
    [
      'with the token that a program makes',
      { exec: { command: 'echo', args: [JSON.stringify({ status: { token: SECRET } })] } },
      { authorization: `Bearer ${SECRET}`, certificate: undefined },
    ],
  ])('%s', async (_what, user, expected) => {
    expect(await ask(await written({ user }))).toEqual({});
    expect(seen).toEqual([expected]);
  });

  it('with the token of a file, whose last line may have an end', async () => {
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: file('token') } } };
    await ask(await written({ user }));
    expect(seen[0]?.authorization).toBe(`Bearer ${SECRET}`);
  });

  it('below the path of its server', async () => {
    const { entrance } = await openCluster({ kubeconfig: await written({}) });
    expect(await entrance()).toMatchObject({ tls: true, prefix: '/prefix' });
  });

  it('by the context that is wanted', async () => {
    const kubeconfig = await written({ context: 'elsewhere' });
    await expect(openCluster({ kubeconfig, context: 'here' })).resolves.toMatchObject({
      what: expect.stringMatching(/^Kubernetes at 127\.0\.0\.1:\d+$/) as string,
    });
  });

  it('as the service account of the pod in which it runs', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    const { what, entrance } = await openCluster({});
    expect(what).toBe('Kubernetes at [fd00::1]');
    await expect(entrance()).rejects.toThrow(
      'the service account of this pod: cannot read /var/run/secrets/kubernetes.io/serviceaccount/',
    );
  });
});

describe('a cluster is not entered', () => {
  it.each<[string, Written, RegExp]>([
    [
      'by a context that is not there',
      { context: 'elsewhere' },
      /config: context "elsewhere" with its cluster and user is not in it; name one that is in serf-publisher/,
    ],
    ['at a server that is none', { cluster: { server: 'nowhere' } }, /the server of cluster c is no URL; correct it/],
    [
      'without TLS',
      { cluster: { server: 'http://127.0.0.1:1' }, user: { token: SECRET } },
      /127\.0\.0\.1:1 is reached without TLS, and a token sent so would be read on the way; use https/,
    ],
    [
      'at a server that nobody vouches for',
      { cluster: { 'certificate-authority': 'client.pem' }, user: { token: SECRET } },
      /GET \/api failed: .*self-signed.*; give the authority that signed its certificate/,
    ],
    [
      'with a token that cannot be read',
      { user: { 'auth-provider': { name: 'x', config: { tokenFile: '/nowhere/token' } } } },
      /config: cannot read \/nowhere\/token \(ENOENT\); see whether "kubectl get services" works/,
    ],
    [
      'where the program that makes tokens fails',
      { user: { exec: { command: 'sh', args: ['-c', `echo ${SECRET} >&2; exit 1`] } } },
      /config: no credentials can be had; see whether "kubectl get services" works/,
    ],
    [
      'where it makes no token',
      { user: { exec: { command: 'echo', args: [SECRET] } } },
      /config: no credentials can be had; see whether "kubectl get services" works/,
    ],
  ])('%s', async (_what, config, message) => {
    const failure = await failureOf(written(config).then(ask));
    expect(failure.message).toMatch(message);
    expect(`${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`).not.toContain(SECRET);
  });

  it.each<[string, string, RegExp]>([
    ['is not there', '', /cannot read .*nothing \(ENOENT\); let this user read it, or name another/],
    ['is no YAML', `users:\n- token: ${SECRET}\n  x: [\n`, /broken:\d+: is no kubeconfig; see what "kubectl/],
    ['is none', `${SECRET}`, /broken: is no kubeconfig|context ""/],
    ['names nothing', `users: [{token: ${SECRET}}]`, /broken: is no kubeconfig; see what "kubectl/],
  ])('by a file that %s', async (what, text, message) => {
    await writeFile(file('broken'), text);
    const failure = await failureOf(ask(file(what === 'is not there' ? 'nothing' : 'broken')));
    expect(failure).toBeInstanceOf(CredentialsError);
    expect(failure.message).toMatch(message);
    expect(`${failure.stack} ${String(failure.cause)}`).not.toContain(SECRET);
  });

  it('outside of any pod, without a kubeconfig', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
    await expect(openCluster({})).rejects.toThrow(
      'this process runs in no pod of Kubernetes; name a kubeconfig in serf-publisher.kubernetes.kubeconfig',
    );
  });
});

it.each([
  [{ status: 401 }, 'renew the token'],
  [{ status: 403 }, 'give its user the verbs list and watch on services'],
  [{ status: 404 }, 'see that the server of the kubeconfig is an API server'],
  [{ code: 'CERT_HAS_EXPIRED' }, 'give the authority that signed'],
  [{ code: 'ECONNREFUSED' }, 'see that the API server runs'],
])('there is a mend for %j', (failure, mend) => {
  expect(mendOfCluster(failure)).toContain(mend);
});
