import { type Client, createClient } from '@sluice/contract';
import { type Credentials, createCredentials, credentialsPath } from './credentials.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { serverAddress } from './server-address.ts';
import { createTerminal, type Terminal } from './ui/terminal.ts';
import { version } from './version.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly zone?: string;
  readonly color: boolean;
}

/** What a command works with: the terminal, the folder, the server and this person's login. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly credentials: Credentials;
  /** `sluice`, or `divio` where it is called by that name. */
  readonly programName: string;
  /** Address of the server, by `--zone`, variables or the last login. Throws when none is known (exit 5). */
  address(): Promise<string>;
  /** The client with this person's token. Throws when nobody is logged in there (exit 4). */
  client(): Promise<Client>;
  /** The server with this person's token there; throws like `client`. */
  login(): Promise<{ readonly server: string; readonly token: string }>;
  /** A client with another token, or none. */
  clientWith(token: string | null): Promise<Client>;
  /** Aborted by the first Ctrl-C. For commands that end in order; without a call of it Ctrl-C ends the program. */
  interruption(): AbortSignal;
  /** Calls `listener` at every interrupt from now on, which then no longer ends the program. */
  onInterrupt(listener: () => void): void;
  /** Whether the command that runs deals with an interrupt itself. */
  interrupt(): boolean;
}

export interface ContextOptions {
  readonly options: () => GlobalOptions;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly programName: string;
}

export function createContext({
  options,
  environment,
  directory,
  programName,
}: ContextOptions): Context {
  const credentials = createCredentials(credentialsPath(environment));
  const userAgent = `sluice/${version}`;
  let terminal: Terminal | null = null;
  let interruption: AbortController | null = null;
  let listener: (() => void) | null = null;

  const address = async () =>
    serverAddress({
      zone: options().zone,
      environment,
      current: await credentials.current(),
    });

  const login = async () => {
    const server = await address();
    const token = environment['SLUICE_TOKEN'] || (await credentials.find(server))?.token;
    if (token) return { server, token };
    throw new CommandError(
      exitCodes.notFound,
      `You are not logged in to ${server}. Log in with: ${programName} login TOKEN`,
    );
  };

  const clientWith = async (token: string | null) =>
    createClient({ baseUrl: await address(), token, userAgent });

  return {
    get terminal() {
      terminal ??= createTerminal({
        stdout: process.stdout,
        stderr: process.stderr,
        environment,
        colour: options().color,
      });
      return terminal;
    },
    environment,
    directory,
    credentials,
    programName,
    address,
    clientWith,
    interruption: () => {
      interruption ??= new AbortController();
      return interruption.signal;
    },
    onInterrupt: (called) => {
      listener = called;
    },
    interrupt: () => {
      if (listener !== null) {
        listener();
        return true;
      }
      if (interruption === null || interruption.signal.aborted) return false;
      interruption.abort();
      return true;
    },
    login,
    client: async () => clientWith((await login()).token),
  };
}
