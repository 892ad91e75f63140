import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface Received<T> {
  readonly url: string;
  readonly messages: T[];
  /** Resolves when so many have come. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
}

export interface Post {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function inbox<T>() {
  const messages: T[] = [];
  const waiting = new Set<() => void>();
  return {
    messages,
    add: (message: T) => {
      messages.push(message);
      for (const wake of waiting) wake();
    },
    until: async (count: number) => {
      while (messages.length < count) {
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

const listen = (server: net.Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

/** A small SMTP server (RFC 5321) that keeps what it is given. `refusals`: so many messages are turned away first. */
export async function receiveMail(refusals = 0): Promise<Received<Mail>> {
  const { messages, add, until } = inbox<Mail>();
  let left = refusals;
  const server = net.createServer((socket) => {
    const say = (line: string) => socket.write(`${line}\r\n`);
    let mail = { from: '', to: [] as string[], lines: [] as string[] };
    let inData = false;
    socket.on('error', () => undefined);
    say('220 receiver.test ESMTP');
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      if (inData) {
        if (line !== '.') return void mail.lines.push(line.replace(/^\./, ''));
        inData = false;
        left -= 1;
        if (left >= 0) return void say('451 try again later');
        add({ from: mail.from, to: mail.to, text: mail.lines.join('\n') });
        return void say('250 taken');
      }
      const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
      if (verb === 'MAIL') mail = { from: /<(.*?)>/.exec(line)?.[1] ?? '', to: [], lines: [] };
      if (verb === 'RCPT') mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
      if (verb === 'QUIT') {
        say('221 bye');
        return void socket.end();
      }
      if (verb === 'DATA') {
        inData = true;
        return void say('354 go on');
      }
      say('250 ok');
    });
  });
  const port = await listen(server);
  return {
    url: `smtp://127.0.0.1:${port}`,
    messages,
    until,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A real HTTP server that keeps what is posted; `status` answers each, counted from 1. */
export async function receivePosts(
  status: (count: number) => number = () => 200,
): Promise<Received<Post>> {
  const { messages, add, until } = inbox<Post>();
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    add({
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(status(messages.length), { location: '/elsewhere' }).end('noted');
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    until,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
