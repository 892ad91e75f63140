const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The page of one instance; `environment` is that of its process. */
export function page(environment) {
  const shown = (text) => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]);
  const commit = shown(environment.GIT_COMMIT ?? 'an unknown commit');
  const stage = shown(environment.STAGE ?? 'this machine');
  return `<!doctype html>
<html lang="en">
<title>Hello from Sluice</title>
<h1>Hello from Sluice</h1>
<p>This is <code>${commit}</code>, live on <strong>${stage}</strong>.</p>
</html>
`;
}
