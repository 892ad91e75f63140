import { CommandError, exitCodes } from './exit-codes.ts';

/**
 * The server's address from what a person writes as a zone: an address stays as it is, a bare host name becomes
 * `https://control.<zone>`, as the divio client has it (spec/divio.md 4.2).
 */
export function addressOfZone(zone: string): string {
  const text = zone.trim().replace(/\/+$/, '');
  const address = /^https?:\/\//i.test(text) ? text : `https://control.${text}`;
  if (!URL.canParse(address)) {
    throw new CommandError(exitCodes.usage, `"${zone}" is not a zone or an address of a server.`);
  }
  return address;
}

export interface AddressSources {
  /** `--zone`. */
  readonly zone: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** The server of the last login. */
  readonly current: string | null;
}

/** `--zone`, then `SLUICE_URL`, then `DIVIO_ZONE`, then the last login. */
export function serverAddress({ zone, environment, current }: AddressSources): string {
  const named = zone || environment['SLUICE_URL'] || environment['DIVIO_ZONE'];
  if (named) return addressOfZone(named);
  if (current !== null) return current;
  throw new CommandError(
    exitCodes.noServer,
    'No server is known. Name it once: sluice login --zone http://HOST:PORT TOKEN',
  );
}
