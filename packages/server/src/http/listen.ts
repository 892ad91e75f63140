import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { SluiceError } from '../errors.ts';
import type { InternalRequests } from './guard.ts';

/** The length that the kernel allows for the path of a Unix socket. */
const MAX_SOCKET_PATH = 107;

/**
 * The internal door: the same handler on a Unix socket that only the server's own user can reach. Throws `conflict`
 * when another server has it: two on one data directory would tear it apart.
 */
export async function listenInternally(
  app: FastifyInstance,
  path: string,
  internalRequests: InternalRequests,
): Promise<Server> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new SluiceError('invalid', `The path ${path} is too long for a socket.`, {
      remedy: 'Choose a data directory with a shorter path.',
    });
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  if (await answers(path)) {
    throw new SluiceError('conflict', 'Another server is running on this data directory.', {
      reason: 'already_running',
    });
  }
  // A file left by a server that was killed.
  await rm(path, { force: true });
  const server = createServer((request, response) => {
    internalRequests.add(request);
    app.routing(request, response);
  });
  // A runner's long poll and a push's hooks last as long as they last.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return server;
}

/** Listens on TCP and answers the port. Throws `unavailable` in words when it cannot. */
export async function listenPublicly(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new SluiceError('unavailable', `Port ${port} on ${host} is in use.`, {
        reason: 'port_in_use',
        remedy: 'Stop what uses it, or choose another with --port.',
      });
    }
    if (code === 'EACCES') {
      throw new SluiceError('unavailable', `Port ${port} may not be used without privileges.`, {
        remedy: 'Choose a port above 1023 with --port.',
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new SluiceError('unavailable', `This machine has no address ${host}.`, {
        remedy: 'Choose another with --host.',
      });
    }
    throw error;
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
