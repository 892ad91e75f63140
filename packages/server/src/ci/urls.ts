/** Addresses of the pages that people follow a build and a job on. */
export function buildUrl(publicUrl: string, buildId: number): string {
  return `${publicUrl}/builds/${buildId}`;
}

export function jobUrl(publicUrl: string, jobId: number): string {
  return `${publicUrl}/jobs/${jobId}`;
}
