import type { ContainerCreateOptions } from 'dockerode';
import type { BackingProgram, BackingSpec } from '../../backing.ts';
import { LABELS, type Names } from '../labels.ts';
import type { ContainerLimits } from '../options.ts';
import { resourcesFor } from '../resources.ts';

/** What official images need to take their data directory over and then give root up; everything else is dropped. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];
/** PostgreSQL shares memory between its processes; the engine's own 64 MB are too few for parallel queries. */
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;

/** Pure: the container of a service. */
export function describeBacking(
  { serviceUuid, environmentUuid, application }: BackingSpec,
  program: BackingProgram,
  names: Names,
  limits: ContainerLimits,
): ContainerCreateOptions {
  const name = names.backing(serviceUuid);
  const network = names.network(environmentUuid);
  return {
    name,
    Image: program.image,
    ...(program.command === null ? {} : { Cmd: [...program.command] }),
    Env: Object.entries(program.variables).map(([key, value]) => `${key}=${value}`),
    Labels: names.labels('backing', {
      [LABELS.backing]: serviceUuid,
      [LABELS.environment]: environmentUuid,
      [LABELS.application]: application,
    }),
    StopTimeout: program.stopSeconds,
    HostConfig: {
      NetworkMode: network,
      RestartPolicy: { Name: 'unless-stopped' },
      Init: true,
      SecurityOpt: ['no-new-privileges'],
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      ShmSize: SHARED_MEMORY_BYTES,
      ...resourcesFor(limits, limits.logBytes),
      Mounts: [{ Type: 'volume', Source: name, Target: program.dataPath }],
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [program.alias] } } },
  };
}
