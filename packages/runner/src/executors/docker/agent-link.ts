import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { type FromAgent, readMessages, sendMessage, type ToAgent } from './agent/messages.ts';
import { createMux } from './agent/mux.ts';
import { serveTunnel, type Tunnel } from './tunnels.ts';

/** The runner's end of the line to the agent in a job's container. */
export interface AgentLink {
  output: Duplex;
  control: Duplex;
  send(message: ToAgent): void;
  /** Resolves with the first message of the kind; rejects when the container ends first. */
  next<Kind extends FromAgent['kind']>(
    kind: Kind,
    fits?: (message: Extract<FromAgent, { kind: Kind }>) => boolean,
  ): Promise<Extract<FromAgent, { kind: Kind }>>;
  readonly closed: Promise<void>;
  /** The last that the agent, or what stands around it, has said outside the protocol. */
  complaint(): string;
  close(): void;
}

const PING_MS = 5_000;
const COMPLAINT_BYTES = 2_000;

/** Attaches to a container that is not started yet, so that nothing it says is lost. */
export async function attachAgent(
  engine: Docker,
  container: Docker.Container,
  tunnels: readonly Tunnel[],
): Promise<AgentLink> {
  const stream = (await container.attach({
    stream: true,
    hijack: true,
    stdin: true,
    stdout: true,
    stderr: true,
  })) as unknown as Duplex;
  const frames = new PassThrough();
  const errors = new PassThrough();
  engine.modem.demuxStream(stream, frames, errors);
  let said = '';
  errors.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-COMPLAINT_BYTES);
  });
  const end = () => {
    frames.end();
    errors.end();
  };
  stream.on('end', end);
  stream.on('close', end);
  stream.on('error', end);

  const mux = createMux(frames, stream, 0, (label, channel) => {
    const number = /^tunnel (\d+)$/.exec(label)?.[1];
    serveTunnel(number === undefined ? undefined : tunnels[Number(number)], channel);
  });
  const messages = mux.open('messages');
  const control = mux.open('control');
  const output = mux.open('output');
  const listeners = new Set<(message: FromAgent) => void>();
  readMessages<FromAgent>(messages, (message) => {
    for (const listener of listeners) listener(message);
  });
  const send = (message: ToAgent) => sendMessage(messages, message);
  const pinging = setInterval(() => send({ kind: 'ping' }), PING_MS);
  pinging.unref();
  void mux.closed.then(() => clearInterval(pinging));

  return {
    output,
    control,
    send,
    closed: mux.closed,
    complaint: () => said.trim(),
    next: (kind, fits = () => true) =>
      new Promise((resolve, reject) => {
        const listener = (message: FromAgent) => {
          if (message.kind !== kind || !fits(message as Extract<FromAgent, { kind: typeof kind }>))
            return;
          listeners.delete(listener);
          resolve(message as Extract<FromAgent, { kind: typeof kind }>);
        };
        listeners.add(listener);
        void mux.closed.then(() => {
          listeners.delete(listener);
          reject(new Error(said.trim() || 'the container has ended'));
        });
      }),
    close: () => stream.destroy(),
  };
}
