import type { Project } from '../project.ts';
import { type Detection, type Detector, finding } from '../types.ts';

interface Language {
  readonly language: string;
  readonly title: string;
  /** Files of which one tells. */
  readonly evidence: readonly string[];
  readonly versionKey: string;
  readonly versions: readonly (readonly [file: string, pattern: RegExp])[];
  readonly test: (project: Project) => readonly [command: string, reason: string];
  readonly asVersion?: (value: string) => string;
}

const LANGUAGES: readonly Language[] = [
  {
    ...{ language: 'ruby', title: 'Ruby', evidence: ['Gemfile'], versionKey: 'rvm' },
    versions: [
      ['.ruby-version', /^\s*(?:ruby-)?(\d+(?:\.\d+)+)/m],
      ['Gemfile', /^\s*ruby\s*\(?["'][^\d"']*(\d+(?:\.\d+)+)/m],
      ['.tool-versions', /^ruby\s+(\S+)/m],
    ],
    test: (project) => {
      if (project.has('bin/rails')) return ['bin/rails test', 'bin/rails runs the tests of Rails.'];
      if (project.find(/^spec\/.*_spec\.rb$/) !== null) {
        return ['bundle exec rspec', 'The folder spec holds tests for RSpec.'];
      }
      if (project.has('Rakefile')) return ['bundle exec rake', 'The Rakefile says what to run.'];
      return ['bundle exec ruby -v', 'No tests were found; this at least installs the gems.'];
    },
  },
  {
    ...{ language: 'go', title: 'Go', evidence: ['go.mod'], versionKey: 'go' },
    versions: [['go.mod', /^go\s+(\d+\.\d+)/m]],
    asVersion: (value) => `${value}.x`,
    test: () => [
      'go test ./...',
      'go.mod makes it a module, and go runs the tests of all its packages.',
    ],
  },
  {
    ...{ language: 'rust', title: 'Rust', evidence: ['Cargo.toml'], versionKey: 'rust' },
    versions: [
      ['rust-toolchain.toml', /^channel\s*=\s*["']([\w.]+)/m],
      ['rust-toolchain', /^\s*([\w.]+)\s*$/m],
      ['Cargo.toml', /^rust-version\s*=\s*["'](\d+(?:\.\d+)*)/m],
    ],
    test: () => ['cargo test', 'Cargo.toml makes it a package, and cargo runs its tests.'],
  },
  {
    ...{ language: 'php', title: 'PHP', evidence: ['composer.json'], versionKey: 'php' },
    versions: [['composer.json', /"php"\s*:\s*"[^\d"]*(\d+\.\d+)/]],
    test: (project) => {
      if (/"test"\s*:/.test(project.text('composer.json') ?? '')) {
        return ['composer test', 'composer.json names its test.'];
      }
      return project.find(/^phpunit\.xml(\.dist)?$/) === null
        ? ['composer validate', 'No tests were found; this at least checks composer.json.']
        : ['vendor/bin/phpunit', 'phpunit.xml configures PHPUnit.'];
    },
  },
  {
    ...{ language: 'java', title: 'Java', versionKey: 'jdk' },
    evidence: ['pom.xml', 'build.gradle', 'build.gradle.kts'],
    versions: [
      ['system.properties', /^java\.runtime\.version\s*=\s*(?:1\.)?(\d+)/m],
      ['pom.xml', /<(?:maven\.compiler\.(?:release|source|target)|java\.version)>(?:1\.)?(\d+)</],
      ['build.gradle', /(?:JavaVersion\.VERSION_|languageVersion\D+)(?:1_)?(\d+)/],
    ],
    asVersion: (value) => `openjdk${value}`,
    test: (project) => {
      if (project.has('gradlew')) return ['./gradlew check', 'gradlew runs the checks.'];
      if (project.has('mvnw')) return ['./mvnw test -B', 'mvnw runs the tests.'];
      return project.has('pom.xml')
        ? ['mvn test -B', 'Maven runs the tests.']
        : ['gradle check', 'Gradle runs the checks.'];
    },
  },
];

/** Ruby, Go, Rust, PHP, Java: tested here, and deployed once there is a runtime that builds them. */
export const compiledDetectors: readonly Detector[] = LANGUAGES.map(
  (language) => (project) => detect(language, project),
);

function detect(rules: Language, project: Project): Detection | null {
  const evidence = rules.evidence.find((path) => project.has(path));
  if (evidence === undefined) return null;
  const [command, scriptReason] = rules.test(project);
  const install =
    rules.language === 'php' ? ['composer install --no-interaction --prefer-dist'] : [];
  return {
    ...{ language: rules.language, evidence, versions: versionOf(rules, project), install },
    ...{ script: [command], scriptReason, processes: null, files: [] },
    findings: [
      finding(
        'missing',
        rules.title,
        `Builds test ${rules.title} with what this machine has. A deployment does not install or compile it: the process runtime knows Python, Node.js and static pages.`,
        `Deploying ${rules.title} comes with the Docker runtime.`,
        { file: evidence },
      ),
    ],
  };
}

function versionOf(rules: Language, project: Project): Detection['versions'] {
  for (const [from, pattern] of rules.versions) {
    const value = pattern.exec(project.text(from) ?? '')?.[1];
    if (value === undefined) continue;
    return { key: rules.versionKey, value: rules.asVersion?.(value) ?? value, from };
  }
  return null;
}
