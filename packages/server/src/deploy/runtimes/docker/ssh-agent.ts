import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

/** Connections to the engine of another machine: each is an `ssh` that runs `docker system dial-stdio` there. */
export function createSshAgent(url: URL): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const user = url.username === '' ? [] : ['-l', decodeURIComponent(url.username)];
  const port = url.port === '' ? [] : ['-p', url.port];
  const args = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-T', ...user, ...port];
  // The types know only TCP sockets; http itself asks for any duplex stream.
  Object.assign(agent, {
    createConnection: () => dial([...args, '--', url.hostname, 'docker', 'system', 'dial-stdio']),
  });
  return agent;
}

function dial(args: readonly string[]): Duplex {
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-500);
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const fail = (reason: string) =>
    stream.destroy(Object.assign(new Error(`ssh: ${reason}`), { code: 'ECONNREFUSED' }));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) fail(said.trim() || `exit status ${code}`);
  });
  stream.on('close', () => child.kill());
  // What http calls on the sockets that it knows.
  return Object.assign(stream, {
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    setTimeout: () => stream,
    ref: () => stream,
    unref: () => stream,
  });
}
