import { describe, expect, it } from 'vitest';
import { chooseImage, imageOrigin, imageTable, parseImageRow } from './images.ts';
import { registryOf } from './logins.ts';
import { parseServiceRow, wantedServices } from './services.ts';
import { planTunnels } from './tunnels.ts';

describe('chooseImage', () => {
  it.each([
    [{ language: 'python', python: '3.5' }, 'python:3.5'],
    [{ language: 'python', python: '3.13-dev' }, 'python:3.13-rc'],
    [{ language: 'python', python: 'pypy3.10' }, 'pypy:3.10'],
    [{ language: 'python' }, 'python:3.10'],
    [{ language: 'node_js', node_js: 'lts/*' }, 'node:lts'],
    [{ language: 'node_js', node_js: 'lts/iron' }, 'node:iron'],
    [{ language: 'node_js', node_js: 'v20.1' }, 'node:20.1'],
    [{ language: 'node_js' }, 'node:lts'],
    [{ language: 'ruby', rvm: 'jruby-9.4' }, 'jruby:9.4'],
    [{ rvm: '3.2' }, 'ruby:3.2'],
    [{ language: 'go', go: '1.21.x' }, 'golang:1.21'],
    [{ language: 'java', jdk: 'openjdk11' }, 'maven:3-eclipse-temurin-11'],
    [{ language: 'elixir', elixir: '1.15' }, 'elixir:1.15'],
    [{ language: 'generic' }, 'buildpack-deps:bookworm'],
    [
      { language: 'python', image: 'Registry.example.com:5000/a/b:1' },
      'Registry.example.com:5000/a/b:1',
    ],
  ])('%j -> %s', (config, image) => {
    expect(chooseImage(config, imageTable([]), ['*'])).toMatchObject({ image });
  });

  it('asks an administrator’s rows first', () => {
    const table = imageTable(['python:3.*=mine/py3:{*}', '*=mine/any']);
    expect(chooseImage({ language: 'python', python: '3.9' }, table, [])).toMatchObject({
      image: 'mine/py3:9',
    });
    expect(chooseImage({ language: 'go' }, table, [])).toMatchObject({ image: 'mine/any' });
  });

  it.each(['--privileged', 'a b', 'x:$(id)', '../etc', 'UPPER/case', 'x@sha256:1'])(
    'refuses %j as an image',
    (image) => {
      expect(chooseImage({ image }, imageTable([]), ['*'])).toHaveProperty('refused');
    },
  );

  it.each(['8 --privileged', '8@x', '../8', '$(id)'])('refuses %j as a version', (php) => {
    expect(chooseImage({ language: 'php', php }, imageTable([]), ['*'])).toHaveProperty('refused');
  });

  it('says how a row is written', () => {
    expect(() => parseImageRow('python')).toThrow('LANGUAGE[:VERSION]=IMAGE');
    expect(() => parseImageRow('python=a b')).toThrow('LANGUAGE[:VERSION]=IMAGE');
    expect(() => parseServiceRow('mine=image')).toThrow('NAME:PORT=IMAGE');
  });
});

describe('imageOrigin', () => {
  it('names the row that counts and whose table it is in', () => {
    const origin = (config: Record<string, unknown>, rows: string[]) => {
      const chosen = chooseImage(config, imageTable(rows), ['*']);
      if ('refused' in chosen) throw new Error(chosen.refused);
      return imageOrigin(chosen.row);
    };
    const go = { language: 'go', go: '1.21.x' };
    expect(origin(go, [])).toContain('the row go:*.x=golang:{*} in the built-in table');
    expect(origin(go, ['go=mine/go'])).toContain("the row go=mine/go in the administrator's table");
    expect(origin({ image: 'x' }, ['go=mine/go'])).toContain('The key image of .travis.yml');
  });
});

describe('registryOf', () => {
  it.each([
    ['registry.example.com:5000/team/app:1', 'registry.example.com:5000'],
    ['localhost/app', 'localhost'],
    ['python:3-slim', 'https://index.docker.io/v1/'],
    ['team/app', 'https://index.docker.io/v1/'],
    ['docker.io/team/app', 'https://index.docker.io/v1/'],
  ])('%s is of %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry);
  });
});

describe('wantedServices', () => {
  it('knows names, versions and an administrator’s images', () => {
    const rows = ['redis=mine/redis:7', 'minio:9000=minio/minio'].map(parseServiceRow);
    const wanted = wantedServices(
      {
        services: ['redis', 'postgresql', 'minio', 'xvfb', 'docker', 'nothing'],
        addons: { postgresql: '15' },
      },
      rows,
    );
    expect(wanted.containers.map(({ image, port }) => [image, port])).toEqual([
      ['mine/redis:7', 6379],
      ['postgres:15', 5432],
      ['minio/minio', 9000],
    ]);
    expect(wanted).toMatchObject({ local: ['xvfb'], engine: true, unknown: ['nothing'] });
  });
});

describe('planTunnels', () => {
  it('gives a name an address of its own, and leaves other machines’ numbers to the network', () => {
    expect(
      planTunnels([
        'https://sluice.example.com/x',
        'https://sluice.example.com/y',
        'http://127.0.0.1:8700',
        'http://app.localhost:81',
        'http://10.0.0.1:80',
        '/a/path',
      ]),
    ).toEqual([
      {
        listen: { host: '127.0.77.1', port: 443 },
        target: { host: 'sluice.example.com', port: 443 },
        name: 'sluice.example.com',
      },
      {
        listen: { host: '127.0.0.1', port: 8700 },
        target: { host: '127.0.0.1', port: 8700 },
        name: null,
      },
      {
        listen: { host: '127.0.0.1', port: 81 },
        target: { host: 'localhost', port: 81 },
        name: 'app.localhost',
      },
    ]);
  });
});
