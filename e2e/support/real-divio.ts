import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CommandResult,
  createTlsFront,
  divioClient,
  run,
  type TlsFront,
} from '@sluice/testing';
import type { Place } from './site.ts';

/** The unmodified divio client with a home of its own. */
export interface RealDivio {
  run(...words: string[]): Promise<CommandResult>;
  /** Standard output; throws with all it said unless it exits 0. */
  must(...words: string[]): Promise<string>;
  readonly home: string;
  /** Of the client, with its generation. */
  readonly name: string;
  close(): Promise<void>;
}

/** Generation 3 over plain HTTP. */
export async function divio3(place: Place): Promise<RealDivio> {
  const { program } = await divioClient('3');
  return client(place, 'divio3', program, { DIVIO_ZONE: place.installation.url() }, async () => {});
}

/** Generation 4 through TLS for `control.<zone>` and `api.<zone>` (spec/divio.md 4.2), by a front of the test's own or another. */
export async function divio4(place: Place, given?: TlsFront): Promise<RealDivio> {
  const { program, authorities } = await divioClient('4');
  const zone = 'sluice.example';
  const directory = join(place.installation.home, 'front');
  await mkdir(directory, { recursive: true });
  const front = given ?? (await createTlsFront(zone, place.installation.url(), directory));
  await writeFile(authorities, `${await readFile(authorities, 'utf8')}\n${front.authority}`);
  const environment = { DIVIO_ZONE: zone, HTTPS_PROXY: front.proxyUrl, HTTP_PROXY: '' };
  return client(place, 'divio4', program, environment, front.close);
}

/** Generation 4 over plain HTTP with a netrc entry, as a job without TLS has it. */
export async function divio4Plain(place: Place): Promise<RealDivio> {
  const { program } = await divioClient('4');
  const zone = place.installation.url();
  const divio = await client(place, 'divio4plain', program, { DIVIO_ZONE: zone }, async () => {});
  const entry = `machine ${new URL(zone).hostname}\n  login sluice\n  password ${place.token}\n`;
  await writeFile(join(divio.home, '.netrc'), entry, { mode: 0o600 });
  return divio;
}

async function client(
  place: Place,
  name: string,
  program: string,
  variables: Record<string, string>,
  close: () => Promise<void>,
): Promise<RealDivio> {
  const home = join(place.installation.home, name);
  await mkdir(home, { recursive: true });
  const environment = {
    HOME: home,
    NETRC_PATH: join(home, '.netrc'),
    LC_ALL: 'C.UTF-8',
    ...variables,
  };
  const runClient = (...words: string[]) => run(program, words, { cwd: home, environment });
  return {
    ...{ home, name, close },
    run: runClient,
    must: async (...words) => {
      const result = await runClient(...words);
      if (result.code !== 0) {
        throw new Error(
          `divio ${words.join(' ')} exited ${result.code}\n${result.stdout}${result.stderr}`,
        );
      }
      return result.stdout;
    },
  };
}
