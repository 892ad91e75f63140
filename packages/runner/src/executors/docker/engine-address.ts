import type { DockerOptions } from 'dockerode';

/**
 * What dockerode needs for an address as `DOCKER_HOST` has it; undefined for an empty one, which leaves it to the environment. TLS is
 * switched on for `tcp` by `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`. Throws a sentence for anything else.
 */
export function engineOptions(
  address: string,
  environment: NodeJS.ProcessEnv,
): DockerOptions | undefined {
  if (address === '') return undefined;
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol === 'tcp:') {
    return {
      host: url.hostname,
      port: Number(url.port || 2_375),
      protocol: environment['DOCKER_TLS_VERIFY'] ? 'https' : 'http',
    };
  }
  if (url?.protocol === 'ssh:') {
    const agent = environment['SSH_AUTH_SOCK'];
    return {
      protocol: 'ssh',
      host: url.hostname,
      port: Number(url.port || 22),
      ...(url.username ? { username: url.username } : {}),
      ...(agent ? { sshOptions: { agent } } : {}),
    };
  }
  throw new Error(
    `"${address}" is no address of a Docker Engine: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST.`,
  );
}
