import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from './installation.ts';
import { findProgram } from './requirement.ts';

const folder = resolve(import.meta.dirname, '../../../.cache/aioquic');

/** One GET over HTTP/3 with the certificate verified: its arguments are host, port, path and a file with the authority. */
const CLIENT = `
import asyncio, json, sys
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

host, port, path, authority = sys.argv[1:]

class Client(QuicConnectionProtocol):
    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        self.http = H3Connection(self._quic)
        self.status, self.body = 0, b''
        self.done = asyncio.get_running_loop().create_future()
    def ask(self):
        stream = self._quic.get_next_available_stream_id()
        self.http.send_headers(stream, [(b':method', b'GET'), (b':scheme', b'https'),
            (b':authority', f'{host}:{port}'.encode()), (b':path', path.encode())], end_stream=True)
        self.transmit()
        return self.done
    def quic_event_received(self, event):
        for one in self.http.handle_event(event):
            if isinstance(one, HeadersReceived):
                self.status = int(dict(one.headers)[b':status'])
            if isinstance(one, DataReceived):
                self.body += one.data
            if one.stream_ended and not self.done.done():
                self.done.set_result(None)

async def main():
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=host)
    configuration.load_verify_locations(authority)
    async with connect('127.0.0.1', int(port), configuration=configuration, create_protocol=Client) as client:
        await asyncio.wait_for(client.ask(), 60)
        print(json.dumps({'status': client.status, 'body': client.body.decode()}))

asyncio.run(main())
`;

/** A client of HTTP/3 from PyPI, in a virtual environment of its own; throws with all that it said when it fails. */
export async function askHttp3(
  host: string,
  port: number,
  path: string,
  authorityFile: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const python = join(folder, 'bin/python');
  if (findProgram(python) === null) await install();
  const words = ['-c', CLIENT, host, String(port), path, authorityFile];
  return JSON.parse(await must(python, words));
}

async function install(): Promise<void> {
  const making = `${folder}.${process.pid}`;
  await mkdir(resolve(folder, '..'), { recursive: true });
  await must('python3', ['-m', 'venv', making]);
  await must(join(making, 'bin/python'), ['-m', 'pip', 'install', '--quiet', 'aioquic>=1.2,<2']);
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
}

async function must(program: string, words: readonly string[]): Promise<string> {
  const result = await run(program, words);
  if (result.code !== 0) throw new Error(`${program} exited ${result.code}\n${result.stderr}`);
  return result.stdout;
}
