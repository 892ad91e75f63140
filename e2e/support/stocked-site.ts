import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import { expect } from 'vitest';
import { createDockerPlace, type DockerPlace } from './docker-place.ts';
import { type Site, travis } from './site.ts';

/** Asks its database and its storage at each request; `/store` and `/lose` change what they hold. */
const PAGE = `import http.server, os, subprocess
def sql(*statement):
    return subprocess.run(['psql', os.environ['DATABASE_URL'], '-Atc', *statement], capture_output=True, text=True)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        stored = '/data/media/stored'
        if self.path == '/store': open(stored, 'w').write('kept')
        if self.path == '/lose':
            sql('drop table notes')
            os.remove(stored)
        notes = sql('select note from notes order by id')
        text = notes.stdout.replace('\\n', ' ') + notes.stderr
        if os.path.exists(stored): text += open(stored).read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.strip().encode())
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 4000), Page).serve_forever()
`;

const release = (note: string) =>
  `psql "$DATABASE_URL" -q -c "create table if not exists notes (id serial, note text)" -c "insert into notes (note) values ('${note}')"`;

/** An application whose page tells what its database and its storage hold, on the local Docker Engine. */
export interface StockedSite extends DockerPlace {
  readonly site: Site;
  /** Of PostgreSQL, with its programs. */
  readonly image: string;
  /** What `sluice WORDS...` prints for the application; it has to exit 0. */
  sluice(...words: string[]): Promise<string>;
  /** Deploys a commit whose release command adds `note` to the database; answers the log. */
  deploy(note: string, environment?: string): Promise<string>;
}

export async function createStockedSite(): Promise<StockedSite> {
  const images = await dockerServiceImages();
  const image = images.postgresql;
  const chosen = ['--service-postgresql-image', image, '--service-redis-image', images.redis];
  const docker = await createDockerPlace(chosen);
  const site = await docker.place.createApplication('stocked');
  const sluice = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await site.sluice(...words);
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  return {
    ...docker,
    ...{ site, image, sluice },
    deploy: async (note, environment = 'test') => {
      await site.push(note, {
        ...travis('true'),
        Dockerfile: `FROM ${image}\nENTRYPOINT []\nWORKDIR /srv\nCOPY . /srv/\nEXPOSE 4000\nCMD ["python3", "app.py"]\n`,
        'app.py': PAGE,
        Procfile: `web: unused\nrelease: ${release(note)}\n`,
      });
      await sluice('app', 'deploy', environment);
      return sluice('app', 'deploy-log', environment);
    },
  };
}
