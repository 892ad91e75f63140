import { dirname } from 'node:path';
import { programFile } from '../../../program-file.ts';
import type { ProgramSpec } from '../../supervisor/index.ts';
import type { ImagePlaces } from './places.ts';
import type { Plan, PlannedProcess } from './plan.ts';
import { SANDBOX_HOME, type Sandbox, type SandboxView } from './sandbox.ts';

/** Makes programs from what should run: arguments, variables, sandbox. `home` becomes HOME; it must exist by then. */
export interface Surroundings {
  forBuild(places: ImagePlaces, argv: readonly string[], tools: Tools): Promise<ProgramSpec>;
  forProcess(request: ProcessRequest): Promise<ProgramSpec>;
  /** For release commands, whose home is thrown away. */
  forCommand(request: CommandRequest): Promise<ProgramSpec>;
}

interface Tools {
  readonly path: readonly string[];
  readonly readable: readonly string[];
}

interface ReleasedProgram {
  readonly places: ImagePlaces;
  readonly plan: Plan;
  readonly variables: Readonly<Record<string, string>>;
  readonly home: string;
}

interface ProcessRequest extends ReleasedProgram {
  readonly process: PlannedProcess;
  readonly port: number | null;
}

interface CommandRequest extends ReleasedProgram {
  readonly command: string;
  /** Of the shell that runs it, the first of them its name. */
  readonly arguments?: readonly string[];
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const STATIC_SERVER = programFile('static-server/main', import.meta.url);

/** Quiet and without questions; no cache, since one build must not change what another installs. */
const PACKAGE_MANAGERS = {
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_NO_CACHE_DIR: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  NPM_CONFIG_FUND: 'false',
  NPM_CONFIG_AUDIT: 'false',
};

/** What was built is checked before each start, so running must not write beside it. */
const RUNNING = { PYTHONDONTWRITEBYTECODE: '1' };

/**
 * Variables that change which code is loaded. Where the sandbox still has rights to give up (`setpriv`), they are
 * set only after that.
 */
const LOADER = /^(LD_|GLIBC_TUNABLES$|GCONV_PATH$|PATH$)/;

/** `buildVariables`: what builds may see of the server's own environment. */
export function createSurroundings(
  sandbox: Sandbox,
  buildVariables: Readonly<Record<string, string>>,
): Surroundings {
  const program = async (
    argv: readonly string[],
    cwd: string,
    path: readonly string[],
    variables: Readonly<Record<string, string>>,
    view: SandboxView,
  ): Promise<ProgramSpec> => {
    const entered = await sandbox.enter(view);
    const env: Record<string, string> = {
      PATH: [...path, SYSTEM_PATH].join(':'),
      HOME: entered === null ? view.home : SANDBOX_HOME,
      LANG: 'C.UTF-8',
      TMPDIR: '/tmp',
      // Output appears when it is written, not when a buffer is full.
      PYTHONUNBUFFERED: '1',
      ...variables,
    };
    if (entered === null) return { argv, cwd, env, sandbox: null };
    if (entered.before.length === 0) return { argv, cwd, env, sandbox: entered.options };
    const loader = Object.entries(env).filter(([name]) => LOADER.test(name));
    const late = loader.map(([name, value]) => `${name}=${value}`);
    return {
      argv: [...entered.before, '/usr/bin/env', ...late, ...argv],
      cwd,
      env: Object.fromEntries(Object.entries(env).filter(([name]) => !LOADER.test(name))),
      sandbox: entered.options,
    };
  };

  return {
    forBuild: (places, argv, tools) =>
      program(
        argv,
        places.app,
        tools.path,
        { ...PACKAGE_MANAGERS, ...buildVariables },
        {
          readable: tools.readable,
          writable: [places.app, places.venv],
          home: places.home,
          endsWithParent: true,
        },
      ),

    forProcess: ({ places, plan, process: { how }, variables, port, home }) => {
      const isStatic = how.kind === 'static';
      const own = isStatic ? [process.execPath, dirname(STATIC_SERVER)] : plan.readable;
      return program(
        isStatic
          ? [process.execPath, STATIC_SERVER, '--root', how.directory, '--port', String(port)]
          : ['/bin/sh', '-c', how.command],
        places.app,
        plan.path,
        // The port is not the user's to choose: old and new instance serve side by side on this machine.
        { ...RUNNING, ...variables, ...(port === null ? {} : { PORT: String(port) }) },
        { readable: [...own, places.app, places.venv], writable: [], home, endsWithParent: false },
      );
    },

    forCommand: ({ places, plan, command, arguments: words = [], variables, home }) =>
      program(
        ['/bin/sh', '-c', command, ...words],
        places.app,
        plan.path,
        { ...RUNNING, ...variables },
        {
          readable: [...plan.readable, places.app, places.venv],
          writable: [],
          home,
          endsWithParent: true,
        },
      ),
  };
}
