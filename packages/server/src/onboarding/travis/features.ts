import { availableProviders, type PhaseName } from '@sluice/travis-config';
import { isRecord } from '../project.ts';
import { type Finding, finding } from '../types.ts';
import { lineAt, lineOfCommand, parts, type ReadTravis, strings } from './place.ts';

const at = (line: number | null) => ({ file: '.travis.yml', line });

/** Started as processes of the job where the machine has the program (packages/runner/src/script/services.ts). */
const SERVICES = new Set([
  ...['redis', 'redis-server', 'memcached', 'postgresql', 'postgres', 'mongodb', 'mongo', 'mongod'],
  ...['mysql', 'mariadb', 'xvfb'],
]);
const NOTIFIED = ['email', 'webhooks', 'slack'];
const SENDERS = ['irc', 'campfire', 'flowdock', 'hipchat', 'pushover'];

/** Services, addons, deploy providers and notifications. */
export function featureFindings(read: ReadTravis): Finding[] {
  return [
    ...serviceFindings(read),
    ...addonFindings(read),
    ...deployFindings(read),
    ...notificationFindings(read),
    ...commandFindings(read),
  ];
}

function serviceFindings(read: ReadTravis): Finding[] {
  return parts(read).flatMap(([path, part]) =>
    strings(part.services).map((service, index) => {
      const place = at(lineAt(read, `${path}services.${index}`));
      const subject = `services: ${service}`;
      if (service === 'docker') {
        const detail = 'Jobs cannot use Docker: they run on the host, in a sandbox.';
        return finding('missing', subject, detail, 'Docker comes with the Docker executor.', place);
      }
      if (SERVICES.has(service)) {
        const detail = 'Started as a process of the job where the machine has the program.';
        return finding('works', subject, detail, null, place);
      }
      const detail = 'Not started here; what runs on the machine can be used.';
      return finding('missing', subject, detail, 'Start it in before_script.', place);
    }),
  );
}

function addonFindings(read: ReadTravis): Finding[] {
  return parts(read).flatMap(([path, part]) =>
    Object.keys(part.addons ?? {}).map((addon) => {
      const place = at(lineAt(read, `${path}addons.${addon}`));
      const subject = `addons: ${addon}`;
      if (addon === 'apt' || addon === 'apt_packages') {
        const detail =
          'Packages are not installed: jobs share the machine. What is missing is named at the top of the log.';
        return finding(
          'differs',
          subject,
          detail,
          'Ask whoever runs the machine to install them.',
          place,
        );
      }
      if (addon === 'ssh_known_hosts') {
        return finding('works', subject, 'The hosts are known to the job.', null, place);
      }
      const detail = 'This addon has no effect here; what the machine has can be used.';
      return finding('missing', subject, detail, 'Do what it did in before_install.', place);
    }),
  );
}

/** Providers of the file that Sluice does not have, in order. */
export function foreignProviders(read: ReadTravis): string[] {
  return parts(read)
    .flatMap(([, part]) => part.deploy ?? [])
    .map(({ provider }) => provider)
    .filter((provider) => !(availableProviders as readonly string[]).includes(provider));
}

function deployFindings(read: ReadTravis): Finding[] {
  return parts(read).flatMap(([path, part]) =>
    (part.deploy ?? []).map(({ provider }, index) => {
      const line = lineAt(read, `${path}deploy.${index}.provider`) ?? lineAt(read, `${path}deploy`);
      const subject = `deploy: ${provider}`;
      if ((availableProviders as readonly string[]).includes(provider)) {
        const detail =
          provider === 'sluice'
            ? 'Deploys the commit that was tested.'
            : 'Runs its command in a shell of its own.';
        return finding('works', subject, detail, null, at(line));
      }
      const detail = `The provider ${provider} is not here: it counts as failed, and the job ends errored although its test passed.`;
      const advice =
        provider === 'heroku'
          ? 'Replace it by "provider: sluice".'
          : 'Use "provider: script" with the command that does it, or take it out.';
      return finding('missing', subject, detail, advice, at(line));
    }),
  );
}

function notificationFindings(read: ReadTravis): Finding[] {
  const { notifications } = read.config;
  if (!isRecord(notifications)) return [];
  return Object.entries(notifications).flatMap(([kind, value]) => {
    const place = at(lineAt(read, `notifications.${kind}`));
    const subject = `notifications: ${kind}`;
    if (isOff(value)) return [];
    if (SENDERS.includes(kind)) {
      const detail = 'Nothing is sent this way.';
      return [finding('missing', subject, detail, 'Use email, a webhook or Slack.', place)];
    }
    if (!NOTIFIED.includes(kind)) return [];
    const detail =
      kind === 'email'
        ? 'Sent when the installation has a mail server (--smtp-url).'
        : 'Sent as Travis CI sends it; webhooks are signed with a key of this installation.';
    return [finding('works', subject, detail, null, place)];
  });
}

function isOff(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isOff);
  return value === false || (isRecord(value) && value['enabled'] === false);
}

const PHASES: readonly PhaseName[] = [
  ...(['before_install', 'install', 'before_script', 'script', 'after_success'] as const),
  ...(['after_failure', 'after_script', 'before_deploy', 'after_deploy'] as const),
];

const COMMANDS: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /(^|[\s;&|])sudo\s/,
    'sudo',
    'Jobs are not root and cannot become it, so this command fails.',
    'Have the package installed on the machine, or install into the home directory.',
  ],
  [
    /(^|[\s;&|])(docker|docker-compose|podman)\s/,
    'docker',
    'Jobs cannot use Docker: they run on the host, in a sandbox.',
    'Docker comes with the Docker executor.',
  ],
  [
    /(^|[\s;&|])(apt-get|apt)\s+(-\S+\s+)*install/,
    'apt-get',
    'Packages cannot be installed by a job.',
    'Ask whoever runs the machine to install them.',
  ],
  [
    /(^|[\s;&|])heroku\s/,
    'heroku',
    'This command still speaks to Heroku, and needs its program and credentials.',
    'Take it out when the application lives here.',
  ],
];

function commandFindings(read: ReadTravis): Finding[] {
  const found: Finding[] = [];
  for (const [path, part] of parts(read)) {
    for (const phase of PHASES) {
      for (const command of strings(part[phase])) {
        for (const [pattern, subject, detail, advice] of COMMANDS) {
          if (!pattern.test(command)) continue;
          const line = lineOfCommand(read, `${path}${phase}`, command);
          found.push(finding('missing', subject, `${detail} (${command})`, advice, at(line)));
        }
      }
    }
  }
  return found;
}
