export const artifacts = {
  title: (count: number, size: string) => `Artifacts (${count}, ${size})`,
  caption: 'Files that this job has left',
  path: 'File',
  size: 'Size',
  keptUntil: 'Kept until',
  download: 'Download',
  downloadOf: (path: string) => `Download ${path}`,
} as const;
