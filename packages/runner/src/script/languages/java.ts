import { command, type Step, when } from '../writer.ts';
import type { Language } from './language.ts';

const MAVEN_INSTALL = 'install -DskipTests=true -Dmaven.javadoc.skip=true -B -V';

/** The build tool is the first whose file is there. */
function byTool(steps: Record<'gradlew' | 'gradle' | 'mvnw' | 'mvn' | 'none', Step[]>): Step[] {
  return [
    when('[[ -f gradlew ]]', steps.gradlew, [
      when('[[ -f build.gradle || -f build.gradle.kts ]]', steps.gradle, [
        when('[[ -f mvnw ]]', steps.mvnw, [when('[[ -f pom.xml ]]', steps.mvn, steps.none)]),
      ]),
    ]),
  ];
}

export const java: Language = {
  tool: 'jdk',
  versionKeys: ['jdk'],
  defaultVersion: null,
  versionFile: null,
  versionVariable: 'TRAVIS_JDK_VERSION',
  announce: ['java -version', 'javac -version'],
  install: () =>
    byTool({
      gradlew: [command('./gradlew assemble', { retry: true })],
      gradle: [command('gradle assemble', { retry: true })],
      mvnw: [command(`./mvnw ${MAVEN_INSTALL}`, { retry: true })],
      mvn: [command(`mvn ${MAVEN_INSTALL}`, { retry: true })],
      none: [],
    }),
  script: () =>
    byTool({
      gradlew: [command('./gradlew check')],
      gradle: [command('gradle check')],
      mvnw: [command('./mvnw test -B')],
      mvn: [command('mvn test -B')],
      none: [command('ant test')],
    }),
};
