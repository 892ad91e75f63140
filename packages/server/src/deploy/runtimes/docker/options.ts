import type { ResourceLimits } from '../limits.ts';

/** How the docker runtime is set up; all of it comes from the settings. */
export interface DockerRuntimeOptions {
  readonly dataDir: string;
  /** As `DOCKER_HOST`: `unix:///...`, `tcp://host:port`, `ssh://[user@]host[:port]`; empty: this machine's engine. */
  readonly engine: string;
  /** Directory with `ca.pem`, `cert.pem` and `key.pem`; empty: no TLS. */
  readonly certificates: string;
  /** Where ports are bound on the engine's machine and reached from here; empty: its address on the environment's network, or all of a far one. */
  readonly address: string;
  /** How long a call waits for an engine that is being restarted. */
  readonly engineWaitMs: number;
  /** Docker's `config.json` with the registries' credentials; empty: none. */
  readonly registryFile: string;
  /** Where images are pushed to, such as `registry.example.com/team`; empty: nowhere. */
  readonly registry: string;
  readonly images: BaseImages;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** Whether a build may use the layers of earlier ones. */
  readonly layerCache: boolean;
  /** Whether a build asks the registry for a newer base image. */
  readonly pull: boolean;
  /** Of an environment that asks for nothing else. */
  readonly limits: ContainerLimits;
  /** The most that an environment may ask for. */
  readonly mostLimits: ResourceLimits;
  /** Of each service behind an environment. */
  readonly serviceLimits: ContainerLimits;
  readonly hardening: Hardening;
  /** Paths in the container whose files outlive releases; each environment has its own. */
  readonly volumes: readonly string[];
}

/** `{version}` stands for the version that the commit asks for. */
export interface BaseImages {
  readonly python: string;
  readonly node: string;
  /** For a Procfile without a language. */
  readonly plain: string;
}

export interface ContainerLimits extends ResourceLimits {
  /** Of the engine's own copy of an instance's output. */
  readonly logBytes: number;
}

export interface Hardening {
  readonly readOnlyRoot: boolean;
  /** What is left of root's rights inside; everything else is dropped. */
  readonly capabilities: readonly string[];
}
