import { execFile, execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram, lacks } from './requirement.ts';

const run = promisify(execFile);

/** The image that all tests start from: Debian with Python, curl and busybox. Made once on each machine. */
export const DOCKER_BASE_IMAGE = 'sluice-test-base:latest';

const TOOLCHAIN_IMAGE = 'sluice-test-toolchains:latest';
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
/** The newer one is a program of its own, which Debian's package lacks. */
const CLASSIC_BUILDER = { ...process.env, DOCKER_BUILDKIT: '0' };
const PACKAGES = ['python3', 'python3-venv', 'busybox', 'ca-certificates', 'curl'];
const LOCK = join(tmpdir(), 'sluice-test-base.lock');
/** Making it takes a minute, and a few on a busy machine. */
const GIVE_UP_MS = 15 * 60_000;

/** Whether a test has to be skipped because no Docker Engine answers here, or nothing could make its base image. */
export function lacksDocker(): boolean {
  const problem = engineProblem();
  return lacks(problem ?? '', problem === null);
}

function engineProblem(): string | null {
  if (findProgram('docker') === null) return 'no Docker client (Debian: apt-get install docker.io)';
  try {
    execFileSync('docker', ['info'], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return `no Docker Engine: ${said.split('\n').at(-1) || error}`;
  }
  if (hasBaseImage() || findProgram('mmdebstrap') !== null) return null;
  return `no image ${DOCKER_BASE_IMAGE}, and no mmdebstrap to make it (Debian: apt-get install mmdebstrap)`;
}

/**
 * Makes `sluice-test-base:latest` where it is not there, from the machine's own package sources, and answers its name. Nothing is
 * pulled. Tests that run side by side wait for the first.
 */
export async function dockerBaseImage(): Promise<string> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (!hasBaseImage()) {
    if (Date.now() > giveUpAt) throw new Error(`${DOCKER_BASE_IMAGE} was not made in time`);
    if (await takeLock()) {
      try {
        if (!hasBaseImage()) await makeBaseImage();
      } finally {
        await rm(LOCK, { force: true });
      }
    } else {
      await pause(500);
    }
  }
  return DOCKER_BASE_IMAGE;
}

/**
 * The base image with this machine's Node.js, npm and certificate authorities: what an application without a Dockerfile is built on.
 * Building it again costs a second, so it is never stale.
 */
export async function dockerToolchainImage(): Promise<string> {
  const base = await dockerBaseImage();
  const context = await mkdtemp(join(tmpdir(), 'sluice-toolchain-'));
  try {
    const npm = findProgram('npm');
    if (npm === null) throw new Error('npm is not on the PATH');
    await cp(process.execPath, join(context, 'node'));
    await cp(dirname(dirname(await realpath(npm))), join(context, 'npm'), { recursive: true });
    await cp(AUTHORITIES, join(context, 'authorities.crt'));
    const dockerfile = [
      `FROM ${base}`,
      'COPY node /usr/local/bin/node',
      'COPY npm /usr/local/lib/node_modules/npm',
      'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
      `COPY authorities.crt ${AUTHORITIES}`,
      `ENV NODE_EXTRA_CA_CERTS=${AUTHORITIES} PIP_CERT=${AUTHORITIES}`,
    ];
    await writeFile(join(context, 'Dockerfile'), `${dockerfile.join('\n')}\n`);
    await run('docker', ['build', '-t', TOOLCHAIN_IMAGE, context], { env: CLASSIC_BUILDER });
    return TOOLCHAIN_IMAGE;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

function hasBaseImage(): boolean {
  try {
    execFileSync('docker', ['image', 'inspect', DOCKER_BASE_IMAGE], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function takeLock(): Promise<boolean> {
  try {
    closeSync(openSync(LOCK, 'wx'));
    return true;
  } catch {
    // Left by a run that was killed: nobody works for so long.
    const since = await stat(LOCK).catch(() => null);
    if (since !== null && Date.now() - since.mtimeMs > GIVE_UP_MS) await rm(LOCK, { force: true });
    return false;
  }
}

async function makeBaseImage(): Promise<void> {
  const archive = join(tmpdir(), `sluice-test-base-${process.pid}.tar`);
  const unneeded = ['man', 'doc', 'locale'].map((name) => `path-exclude=/usr/share/${name}/*`);
  const options = ['force-unsafe-io', ...unneeded].map((option) => `--dpkgopt=${option}`);
  const args = ['--mode=root', '--variant=apt', `--include=${PACKAGES.join(',')}`, ...options];
  const { site, suite } = await packageSource();
  try {
    await run('mmdebstrap', [...args, suite, archive, `deb ${site} ${suite} main`], {
      maxBuffer: 64 * 1024 * 1024,
    });
    await run('docker', ['import', '-c', 'CMD ["/bin/bash"]', archive, DOCKER_BASE_IMAGE]);
  } finally {
    await rm(archive, { force: true });
  }
}

/** Where this machine's own Debian packages come from. */
async function packageSource(): Promise<{ site: string; suite: string }> {
  const { stdout: release } = await run('sh', [
    '-c',
    '. /etc/os-release; echo "$VERSION_CODENAME"',
  ]);
  const suite = release.trim();
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format]);
  for (const line of stdout.split('\n')) {
    const [site, name, component, kind] = line.split(' ');
    if (site && name === suite && component === 'main' && kind === 'Packages')
      return { site, suite };
  }
  throw new Error(`apt-get knows no source of "${suite} main" to make a base image from`);
}
