import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from '../options.ts';

/** What `--executor docker` can be told: for a runner what the settings `job_*` are for the server. */
export interface DockerJobOptions {
  readonly engine: string;
  readonly image: string[];
  readonly allowImage: string[];
  readonly service: string[];
  readonly pull: 'missing' | 'always' | 'never';
  readonly registryFile?: string;
  readonly egress: 'all' | 'trusted' | 'none';
  readonly engineRepository: string[];
  readonly memoryBytes?: number;
  readonly processes?: number;
  readonly diskBytes?: number;
}

export function withDockerOptions(command: Command): Command {
  const several = (flags: string, help: string) =>
    command.option(flags, `${help}; may be repeated`, collect, []);
  const oneOf = (flags: string, help: string, choices: readonly string[], usual: string) =>
    command.addOption(new Option(flags, help).choices(choices).default(usual));
  command.option(
    '--engine <address>',
    'Docker Engine, as DOCKER_HOST; default: what the environment says',
    '',
  );
  several('--image <row>', 'LANGUAGE[:VERSION]=IMAGE, before the built-in table');
  several('--allow-image <pattern>', 'what jobs may choose by `image`, with * for any; default: *');
  several('--service <row>', 'NAME[:PORT]=IMAGE, before the built-in table');
  oneOf('--pull <when>', 'when images are pulled', ['missing', 'always', 'never'], 'missing');
  command.option(
    '--registry-file <file>',
    'where `docker login` keeps the logins for images; default: ~/.docker/config.json',
  );
  oneOf(
    '--egress <jobs>',
    'which jobs in Docker reach other machines than Sluice',
    ['all', 'trusted', 'none'],
    'all',
  );
  several(
    '--engine-repository <slug>',
    'organisation/application whose trusted builds get the engine, and with it this machine',
  );
  return command
    .option('--memory-bytes <n>', 'memory of a job in Docker, and of each service', readCount)
    .option('--processes <n>', 'processes and threads of a job in Docker', readCount)
    .option('--disk-bytes <n>', 'what a job in Docker may write; 0: no limit', readCount);
}

/** The same for the executor. What was not said is left to its defaults. */
export function dockerSettings(options: DockerJobOptions) {
  const { allowImage, registryFile, memoryBytes, processes, diskBytes } = options;
  return {
    images: options.image,
    services: options.service,
    pull: options.pull,
    egress: options.egress,
    engineAccess: options.engineRepository,
    ...(allowImage.length > 0 ? { allowedImages: allowImage } : {}),
    ...(registryFile ? { registryFile: resolve(registryFile) } : {}),
    ...(memoryBytes ? { memoryBytes } : {}),
    ...(processes ? { processes } : {}),
    ...(diskBytes === undefined ? {} : { diskBytes }),
  };
}

function readCount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('Use a whole number.');
}
