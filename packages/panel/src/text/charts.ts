export const chartText = {
  asTable: 'Numbers as a table',
  time: 'Time',
  noPoints: 'nothing measured yet',
  now: (last: string, highest: string) => `now ${last}, highest ${highest}`,
} as const;
