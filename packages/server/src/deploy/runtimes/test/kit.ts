import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { EnvironmentLimits } from '../../../applications/index.ts';
import { type BuiltImage, defaultProbeTiming, type Runtime, RuntimeFailure } from '../runtime.ts';
import type { TerminalSize } from '../shell.ts';

export interface Built {
  readonly uuid: string;
  readonly image: BuiltImage;
}

export interface Served {
  readonly instanceUuid: string;
  readonly port: number;
  readonly get: (path?: string, init?: RequestInit) => Promise<Response>;
}

/** What the pipeline does with a runtime, for tests. `output` is the deployment's log. */
export function createKit(runtime: Runtime) {
  const kit = {
    runtime,
    output: '',
    environmentUuid: randomUUID(),
    /** Of the environment itself. */
    limits: { milliCpus: null, memoryBytes: null, processes: null } as EnvironmentLimits,
    log: async (text: string) => {
      kit.output += text;
    },

    build: async (files: Record<string, string>): Promise<Built> => {
      const uuid = randomUUID();
      const directory = await runtime.prepareSource(uuid);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), text);
      }
      const image = await runtime.build({
        imageUuid: uuid,
        application: 'shop',
        sha: '0123456789abcdef0123456789abcdef01234567',
        log: kit.log,
        timeoutMs: 240_000,
        signal: new AbortController().signal,
      });
      return { uuid, image };
    },

    start: async (
      { uuid, image }: Built,
      variables: Record<string, string> = {},
      port: number | null = null,
      name = 'web',
    ) => {
      const instanceUuid = randomUUID();
      const service = runtime.services(image).find((one) => one.name === name);
      if (service === undefined) throw new Error(`no ${name}`);
      const started = await runtime.start({
        instanceUuid,
        environmentUuid: kit.environmentUuid,
        imageUuid: uuid,
        image,
        service,
        variables,
        port,
        mounts: [],
        limits: kit.limits,
        graceMs: 1_000,
      });
      return { instanceUuid, started };
    },

    serve: async (
      built: Built,
      variables: Record<string, string> = {},
      timing: Partial<typeof defaultProbeTiming> = {},
      port: number | null = null,
    ): Promise<Served> => {
      const { instanceUuid, started } = await kit.start(built, variables, port);
      const healthy = await runtime.probe({
        instanceUuid,
        environmentUuid: kit.environmentUuid,
        started,
        hostName: 'live-app.localhost',
        timing: { ...defaultProbeTiming, connectWithinMs: 60_000, settleMs: 200, ...timing },
        signal: new AbortController().signal,
      });
      kit.output += `${healthy.summary}\n`;
      const host = healthy.host.includes(':') ? '[::1]' : healthy.host;
      const get = (path = '/', init: RequestInit = {}) =>
        fetch(`http://${host}:${started.port}${path}`, { redirect: 'manual', ...init });
      return { instanceUuid, port: started.port ?? 0, get };
    },

    shell: ({ uuid: imageUuid, image }: Built, command: string[], terminal?: TerminalSize) =>
      runtime.openShell({
        ...{ shellUuid: randomUUID(), environmentUuid: kit.environmentUuid, imageUuid, image },
        ...{
          mounts: [],
          limits: kit.limits,
          variables: { GREETING: 'hi' },
          command,
          terminal: terminal ?? null,
        },
      }),

    release: (
      { uuid: imageUuid, image }: Built,
      taskId: string,
      command: string,
      timeoutMs = 60_000,
    ): Promise<void> =>
      runtime.release({
        taskId,
        environmentUuid: kit.environmentUuid,
        imageUuid,
        image,
        command,
        mounts: [],
        limits: kit.limits,
        variables: { GREETING: 'hi' },
        log: kit.log,
        timeoutMs,
        signal: new AbortController().signal,
      }),
  };
  return kit;
}

export type Kit = ReturnType<typeof createKit>;

/** The reason that a failure gives, as `code: message`. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(RuntimeFailure);
  return error instanceof RuntimeFailure ? `${error.reasonCode}: ${error.message}` : '';
}

/** Answers what it sees, as JSON. */
export const PYTHON_APP = `
import http.server, json, os, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({
            "env": dict(os.environ), "python": sys.prefix, "uid": os.getuid(),
            "root": sorted(os.listdir("/")), "cwd": os.getcwd(), "pids": [p for p in os.listdir("/proc") if p.isdigit()],
        }).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), H).serve_forever()
`;

export interface Seen {
  env: Record<string, string>;
  python: string;
  uid: number;
  root: string[];
  pids: string[];
}
