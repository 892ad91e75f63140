import { setTimeout as pause } from 'node:timers/promises';
import {
  ApiError,
  type Application,
  type Client,
  type Environment,
  type SystemHealth,
} from '@sluice/contract';
import { createApplication, removeApplication } from './application.ts';
import { createDoors, type Doors } from './doors.ts';
import { createGraph } from './graph.ts';
import { perform } from './perform.ts';
import type { DeedRecord, SeenBuild, SeenDeployment, StormRecord } from './record.ts';
import { createStormRepository, type StormRepository } from './repository.ts';
import type { OwnServer } from './server.ts';
import { pushedHeads, type Storm } from './storm.ts';
import { watchCrowds, watchPage } from './watch.ts';

export interface Place {
  readonly client: Client;
  readonly url: string;
  readonly token: string;
  readonly organisation: string;
  /** Kills and restarts; null for a server that somebody else runs. */
  readonly server: OwnServer | null;
  readonly onDeed: (deed: DeedRecord) => void;
  readonly interruption: AbortSignal;
  readonly looks: Looks;
}

/** How often a storm looks at what it made, in milliseconds between two looks. */
export interface Looks {
  readonly page: number;
  readonly list: number;
}

/** For a storm that has the machine to itself. */
export const CLOSE_LOOKS: Looks = { page: 25, list: 200 };

/** So many storms at once look as often as a few would, together. */
export const sharedLooks = (storms: number): Looks => {
  const share = Math.max(1, storms / 2);
  return { page: CLOSE_LOOKS.page * share, list: CLOSE_LOOKS.list * share };
};

const QUIET_FOR_MS = 1_500;
/** While something that was done has had no answer yet, which may never be due: a build of a push that was refused. */
const PATIENT_FOR_MS = 20_000;
/** Something is open and nothing about it has changed for so long: it never will. A busy machine only takes longer. */
const STUCK_AFTER_MS = 300_000;
const ENVIRONMENT = 'test';

/** One storm from beginning to end, in an application of its own that is deleted afterwards. */
export async function attempt(place: Place, storm: Storm): Promise<StormRecord> {
  const repository = await createStormRepository(storm.commits);
  try {
    return await inApplication(place, storm, repository);
  } finally {
    await repository.remove();
  }
}

async function inApplication(place: Place, storm: Storm, repository: StormRepository) {
  const { client } = place;
  const application = await createApplication(client, place.organisation);
  const { insist } = doorsOf(place, application, { uuid: '', slug: '' });
  try {
    const environment = await insist(() => prepare(client, application, storm));
    return await live({ place, storm, repository, application, environment });
  } finally {
    await insist(() => removeApplication(client, application));
  }
}

/** Sets it up as the storm wants it; done twice it is the same. */
async function prepare(
  client: Client,
  application: Application,
  storm: Storm,
): Promise<Environment> {
  const { results } = await client.environments.list({ application: application.uuid });
  const environment = results.find((one) => one.slug === ENVIRONMENT);
  if (environment === undefined)
    throw new Error(`${application.slug} has no environment ${ENVIRONMENT}`);
  await client.repositories.update(application.repository_uuid, { active: storm.gate });
  await client.environments.update(environment.uuid, {
    require_build: storm.gate ? 'on' : 'off',
    auto_deploy: storm.autoDeploy,
  });
  return environment;
}

interface Attempt {
  readonly place: Place;
  readonly storm: Storm;
  readonly repository: StormRepository;
  readonly application: Application;
  readonly environment: Environment;
}

const doorsOf = (
  { client, url, token }: Place,
  application: Application,
  environment: { readonly uuid: string; readonly slug: string },
) => createDoors({ client, url, token, websiteId: application.id, environment });

async function live(run: Attempt): Promise<StormRecord> {
  const { place, storm, repository, application, environment } = run;
  const doors = doorsOf(place, application, environment);
  const pages = watchPage(environment.url, place.looks.page);
  const crowds = watchCrowds(place.client, environment.uuid, place.looks.list);
  try {
    const begunAt = Date.now();
    const work = {
      ...{ doors, repository, begunAt, environment: environment.uuid, server: place.server },
      ...{ onDeed: place.onDeed, interruption: place.interruption },
      remote: () => ({ url: application.git_url, token: place.token }),
    };
    const deeds = await perform(work, storm.actions);
    const restless = await quiet(run, doors);
    // One more look after everything has come to rest.
    await pause(200);
    const [deployments, builds, seen] = await Promise.all([
      seenDeployments(run, doors),
      seenBuilds(run, doors),
      doors.insist(() => place.client.environments.get(environment.uuid)),
    ]);
    await Promise.all([pages.stop(), crowds.stop()]);
    const { live_commit: liveSha } = seen;
    return {
      ...{ storm, graph: createGraph(await repository.parents()), begunAt, endedAt: Date.now() },
      ...{ deeds: [...deeds].sort((a, b) => a.sentAt - b.sentAt), restless, deployments, builds },
      ...{ pages: pages.seen, requests: pages.requests(), crowds: crowds.crowds },
      liveCommit: liveSha === null ? null : (repository.name(liveSha) ?? liveSha),
      onHold: seen.hold !== null,
    };
  } finally {
    await Promise.all([pages.stop(), crowds.stop()]);
  }
}

/** Waits until nothing is under way for a while. Answers what is left when nothing moves any more. */
async function quiet(run: Attempt, doors: Doors): Promise<string | null> {
  let [before, since] = [await whatIsOpen(run, doors), Date.now()];
  for (;;) {
    await pause(run.place.looks.list, undefined, { signal: run.place.interruption });
    const open = await whatIsOpen(run, doors);
    if (open !== before) [before, since] = [open, Date.now()];
    const lasts = Date.now() - since;
    if (lasts >= STUCK_AFTER_MS) return open;
    if (open !== null || lasts < QUIET_FOR_MS || !(await isAtRest(run, doors, lasts))) continue;
    // What came between those looks is seen now.
    if ((await whatIsOpen(run, doors)) === null) return null;
  }
}

/** Nothing is open: whether nothing can come any more, after so many milliseconds of that. */
async function isAtRest(run: Attempt, doors: Doors, lastsMs: number): Promise<boolean> {
  if (!(await isOwed(run, doors))) return true;
  return lastsMs >= PATIENT_FOR_MS && !(await isBusy(run, doors));
}

/** Something that happened waits for those whom it concerns: a busy machine may take its time. */
async function isBusy({ place }: Attempt, doors: Doors): Promise<boolean> {
  try {
    const { messages } = await doors.insist(() =>
      place.client.send<SystemHealth>('GET', '/system/v3/health/'),
    );
    return messages.some(({ waiting }) => waiting > 0);
  } catch (error) {
    // Only administrators of the installation may know.
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}

async function whatIsOpen(run: Attempt, doors: Doors): Promise<string | null> {
  const deployments = await seenDeployments(run, doors);
  const waiting = deployments.filter((one) => one.ended_at === null);
  if (waiting.length > 0)
    return waiting.map((one) => `#${one.number} ${one.commit} is ${one.status}`).join(', ');
  if (!run.storm.gate) return null;
  const builds = await seenBuilds(run, doors);
  const going = builds.filter((build) => build.finished_at === null);
  if (going.length > 0)
    return going.map((build) => `build of ${build.commit} is ${build.state}`).join(', ');
  return null;
}

/** A build of what was pushed, or with auto-deploy a deployment of what was built, may still be to come. */
async function isOwed(run: Attempt, doors: Doors): Promise<boolean> {
  const { gate, autoDeploy } = run.storm;
  if (!gate) return false;
  const builds = await seenBuilds(run, doors);
  const built = new Set(builds.map(({ commit }) => commit));
  if ([...pushedHeads(run.storm)].some((commit) => !built.has(commit))) return true;
  if (!autoDeploy) return false;
  const deployed = new Set((await seenDeployments(run, doors)).map(({ commit }) => commit));
  return builds.some(({ state, commit }) => state === 'passed' && !deployed.has(commit));
}

async function seenDeployments(
  { place, environment, repository }: Attempt,
  doors: Doors,
): Promise<SeenDeployment[]> {
  const filter = { environment: environment.uuid, pageSize: 1_000 };
  const { results } = await doors.insist(() => place.client.deployments.list(filter));
  return results.reverse().map((one, index) => ({
    ...one,
    commit: one.commit === null ? null : (repository.name(one.commit) ?? one.commit),
    number: index + 1,
  }));
}

async function seenBuilds(
  { place, application, repository }: Attempt,
  doors: Doors,
): Promise<SeenBuild[]> {
  const filter = { application: application.uuid, pageSize: 1_000 };
  const { results } = await doors.insist(() => place.client.builds.list(filter));
  return results.map((build) => ({ ...build, commit: repository.name(build.sha) ?? build.sha }));
}
