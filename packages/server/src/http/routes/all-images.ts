import { AllImages, AllImagesClean, ImagesCleaned } from '@sluice/contract';
import type { App, HttpContext } from '../context.ts';
import { cleaningJson, policyJson } from '../views/images.ts';

const tags = ['health'];

/** The images of all applications, for administrators of the installation: `/system/v3/images/`. */
export function registerAllImages(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, pipeline } = context;
  const { images } = pipeline;

  app.get(
    '/system/v3/images/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'How many images each application has, and what they take up',
        tags,
        response: { 200: AllImages },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      const { byApplication, problem, unknown } = await images.sums();
      const lines = [];
      for (const [uuid, sum] of byApplication) {
        const known = (await applications.get(uuid)) ?? (await applications.removed(uuid));
        lines.push({
          application: uuid,
          name: known?.name ?? null,
          key: known === null ? null : `${known.websiteId}-${known.slug}`,
          ...{ images: sum.images, size_bytes: sum.bytes },
        });
      }
      return {
        policy: policyJson(images.policy),
        problem,
        applications: lines.sort((a, b) => (b.size_bytes ?? 0) - (a.size_bytes ?? 0)),
        unknown: { images: unknown.images, size_bytes: unknown.bytes },
      };
    },
  );

  app.post(
    '/system/v3/images/clean/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Remove the images of all applications that nothing needs',
        tags,
        body: AllImagesClean,
        response: { 200: ImagesCleaned },
      },
    },
    async (request) => {
      const { email } = await authorise(request, 'installation:admin');
      const { dry_run: dryRun = false } = request.body;
      const cleaning = await images.clean(null, dryRun);
      if (!dryRun) {
        await accounts.audit(null, {
          actor: email,
          action: 'image.clean',
          target: 'installation',
          details: { removed: cleaning.removed.length },
        });
      }
      return cleaningJson(cleaning);
    },
  );
}
