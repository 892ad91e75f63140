import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that the runtime makes on an engine carries these, so that nobody else's things are ever touched. */
export const LABELS = {
  /** Which installation: several may share an engine. */
  installation: 'sluice.installation',
  /** `instance`, `task`, `shell`, `image`, `network`, `volume` or `backing`. */
  kind: 'sluice.kind',
  instance: 'sluice.instance',
  environment: 'sluice.environment',
  service: 'sluice.service',
  /** Of an instance that takes requests: where it is published. */
  port: 'sluice.port',
  image: 'sluice.image',
  task: 'sluice.task',
  /** A service behind an environment: its uuid. */
  backing: 'sluice.backing',
  shell: 'sluice.shell',
  /** For people who look at the engine. */
  application: 'sluice.application',
  commit: 'sluice.commit',
} as const;

export interface Names {
  readonly installation: string;
  instance(uuid: string): string;
  task(id: string): string;
  shell(uuid: string): string;
  network(environmentUuid: string): string;
  volume(environmentUuid: string, path: string): string;
  /**
   * A host name that nothing has, given to the containers of a build's steps: a build takes no labels for them, and this is kept in what
   * the engine tells of each, changes no layer, and so no cache.
   */
  buildMark(imageUuid: string): string;
  /** Container and volume of a service. */
  backing(serviceUuid: string): string;
  /** Repository of an application's images. */
  repository(application: string): string;
  labels(kind: string, more?: Readonly<Record<string, string>>): Record<string, string>;
  /** A filter for the engine's lists. */
  filter(kind: string, ...more: readonly string[]): { label: string[] };
}

export function namesOf(installation: string): Names {
  const prefix = `sluice-${installation}`;
  return {
    installation,
    instance: (uuid) => `${prefix}-${uuid}`,
    task: (id) => `${prefix}-task-${id}`,
    shell: (uuid) => `${prefix}-shell-${uuid}`,
    network: (uuid) => `${prefix}-${uuid}`,
    volume: (uuid, path) => `${prefix}-${uuid}${path.replace(/[^A-Za-z0-9_.-]+/g, '-')}`,
    buildMark: (uuid) => `build-${uuid}.${installation}.sluice.invalid`,
    backing: (uuid) => `${prefix}-service-${uuid}`,
    repository: (application) => `${prefix}/${application}`,
    labels: (kind, more = {}) => ({
      [LABELS.installation]: installation,
      [LABELS.kind]: kind,
      ...more,
    }),
    filter: (kind, ...more) => ({
      label: [`${LABELS.installation}=${installation}`, `${LABELS.kind}=${kind}`, ...more],
    }),
  };
}

/** The same at every start: what a killed server left is found under it. */
export function installationId(dataDir: string): string {
  const path = join(dataDir, 'docker', 'installation');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    mkdirSync(join(dataDir, 'docker'), { recursive: true, mode: 0o700 });
    const id = randomUUID().slice(0, 8);
    writeFileSync(path, `${id}\n`, { flag: 'wx', flush: true });
    return id;
  }
}
