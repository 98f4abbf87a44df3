import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Entrance, Failure } from '../http/json-api.ts';

/** Which cluster, and as whom. */
export interface ClusterOptions {
  /** A kubeconfig; without one it is the cluster in which this process runs. */
  readonly kubeconfig?: string | undefined;
  /** One of its contexts; by default its current one. */
  readonly context?: string | undefined;
}

/** There is no way into the cluster. Messages hold no secret, and there is no cause, which might. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** A cluster's name for people, and its entrance. */
export interface Cluster {
  readonly what: string;
  /** @throws {CredentialsError} */
  readonly entrance: () => Promise<Entrance>;
}

/**
 * Reads how one comes into a cluster. Only now is Kubernetes' client loaded, which is large; it is used for what it is best
 * at: every way in which a kubeconfig may name credentials.
 *
 * @throws {CredentialsError}
 */
export async function openCluster({ kubeconfig, context }: ClusterOptions): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (kubeconfig === undefined) loadOwn(config);
  else await loadFile(config, kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const from = kubeconfig ?? 'the service account of this pod';
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    const name = config.getCurrentContext();
    throw new CredentialsError(
      `${from}: context ${JSON.stringify(name ?? '')} with its cluster and user is not in it; name one that is in serf-publisher.kubernetes.context`,
    );
  }
  if (!URL.canParse(cluster.server)) {
    throw new CredentialsError(`${from}: the server of cluster ${cluster.name} is no URL; correct it`);
  }
  const server = new URL(cluster.server);
  if (server.protocol !== 'https:' && cluster.skipTLSVerify !== true) {
    throw new CredentialsError(
      `${from}: ${server.host} is reached without TLS, and a token sent so would be read on the way; use https://, or set insecure-skip-tls-verify: true`,
    );
  }
  return {
    what: `Kubernetes at ${server.host}`,
    entrance: async () => {
      const options = await credentials(config, from);
      const { headers = {}, agent, ca, cert, key, auth, servername, rejectUnauthorized } = options;
      const authorization = Object.values(headers as Record<string, string>).map((value) => value.trim());
      return {
        tls: server.protocol === 'https:',
        prefix: server.pathname.replace(/\/$/, ''),
        options: {
          host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
          port: server.port || (server.protocol === 'https:' ? 443 : 80),
          ...{ agent, ca, cert, key, auth, servername, rejectUnauthorized },
          // Files of tokens often end with a line's end, which no header may.
          headers: Object.fromEntries(Object.keys(headers).map((name, index) => [name, authorization[index]])),
        },
        secrets: [...authorization.flatMap((value) => [value, value.split(' ').at(-1) ?? '']), auth ?? ''],
      };
    },
  };
}

function loadOwn(config: KubeConfig): void {
  if (!process.env['KUBERNETES_SERVICE_HOST'] || !process.env['KUBERNETES_SERVICE_PORT']) {
    throw new CredentialsError(
      'this process runs in no pod of Kubernetes; name a kubeconfig in serf-publisher.kubernetes.kubeconfig',
    );
  }
  config.loadFromCluster();
}

async function loadFile(config: KubeConfig, file: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CredentialsError(`cannot read ${file} (${codeOf(error)}); let this user read it, or name another`);
  }
  try {
    config.loadFromString(text);
  } catch (error) {
    // What a parser says may quote lines, and so a token.
    const line = (error as { mark?: { line?: number } }).mark?.line;
    const where = line === undefined ? file : `${file}:${line + 1}`;
    throw new CredentialsError(`${where}: is no kubeconfig; see what "kubectl config view" says of it`);
  }
  config.makePathsAbsolute(dirname(file));
}

async function credentials(config: KubeConfig, from: string): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // Programs that make tokens, and parsers of what they write, may quote them.
    const path = (error as { path?: unknown }).path;
    const what = typeof path === 'string' ? `cannot read ${path} (${codeOf(error)})` : 'no credentials can be had';
    throw new CredentialsError(`${from}: ${what}; see whether "kubectl get services" works with it`);
  }
  return options;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** What to do where a cluster does not answer as it should. */
export function mendOfCluster({ status, code }: Failure): string {
  if (status === 401) return 'renew the token or certificate of the kubeconfig or service account';
  if (status === 403) return 'give its user the verbs list and watch on services (docs/services.md has the role)';
  if (status === 404) return 'see that the server of the kubeconfig is an API server of Kubernetes';
  if (code?.startsWith('CERT_') || code?.includes('SELF_SIGNED') || code?.startsWith('UNABLE_TO_')) {
    return 'give the authority that signed its certificate (certificate-authority in the kubeconfig)';
  }
  return 'see that the API server runs and can be reached from here';
}
