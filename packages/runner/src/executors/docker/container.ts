import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { HOME } from './home.ts';
import type { ResolvedOptions } from './options.ts';
import type { ServiceRow } from './services.ts';
import { TOOLS, type Tools } from './tools.ts';
import type { Tunnel } from './tunnels.ts';

const SHARED_MEMORY_BYTES = 512 * 1024 ** 2;

interface JobContainer {
  image: string;
  options: ResolvedOptions;
  tools: Tools;
  labels: Record<string, string>;
  /** Name of the job's own network; `none`: it reaches no other machine. */
  network: string;
  tunnels: readonly Tunnel[];
  environment: Record<string, string>;
  /** The engine's socket, for repositories that may have it, with the group that may use it. */
  engineSocket: { path: string; group: number } | null;
}

/** Limits that a job and its services have alike. Neither ever runs privileged. */
function limitsOf(options: ResolvedOptions): HostConfig {
  return {
    Memory: options.memoryBytes,
    MemorySwap: options.memoryBytes,
    NanoCpus: Math.round(options.cores * 1e9),
    PidsLimit: options.processes,
    // Live applications come first where both want all of the processor.
    CpuShares: 512,
    OomScoreAdj: 500,
    SecurityOpt: ['no-new-privileges'],
    CapDrop: ['ALL'],
    RestartPolicy: { Name: '' },
  };
}

/**
 * The container of a job: the image as it is, an ordinary user without any right, our tools read-only. Its first process is a shell
 * that waits for the agent and takes in orphans.
 */
export function jobContainer(input: JobContainer): ContainerCreateOptions {
  const { options, tools } = input;
  const user = `${options.uid}:${options.uid}`;
  return {
    Image: input.image,
    User: user,
    Hostname: 'travis-job',
    WorkingDir: '/',
    Entrypoint: ['/bin/sh', '-c', '"$@"; exit $?', 'sh'],
    Cmd: [...tools.agent],
    Env: Object.entries({ ...input.environment, HOME }).map(([name, value]) => `${name}=${value}`),
    Labels: input.labels,
    Healthcheck: { Test: ['NONE'] },
    OpenStdin: true,
    // When the runner is gone its end of the line is closed, and the agent ends.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      ...limitsOf(options),
      NetworkMode: input.network,
      ExtraHosts: input.tunnels.flatMap(({ name, listen }) =>
        name ? [`${name}:${listen.host}`] : [],
      ),
      // For a server at port 80 or 443, which the agent stands in for.
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      ShmSize: SHARED_MEMORY_BYTES,
      IpcMode: 'private',
      LogConfig: { Type: 'none', Config: {} },
      Mounts: [{ Type: 'volume', Source: tools.volume, Target: TOOLS, ReadOnly: true }],
      ...(input.engineSocket
        ? {
            Binds: [`${input.engineSocket.path}:/var/run/docker.sock`],
            GroupAdd: [String(input.engineSocket.group)],
          }
        : {}),
    },
  };
}

/**
 * A service in the job's network: it listens on the job's own localhost, which is where `.travis.yml` files look for it. What it may do is
 * what the usual images need to give up root by themselves.
 */
export function serviceContainer(
  service: ServiceRow,
  jobContainerId: string,
  options: ResolvedOptions,
  labels: Record<string, string>,
): ContainerCreateOptions {
  return {
    Image: service.image,
    Env: Object.entries(service.environment).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    HostConfig: {
      ...limitsOf(options),
      NetworkMode: `container:${jobContainerId}`,
      CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
    },
  };
}
