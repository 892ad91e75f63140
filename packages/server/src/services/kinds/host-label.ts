/** A prefix as a part of a host name; no two prefixes have the same. */
export const hostLabel = (prefix: string): string => prefix.toLowerCase().replaceAll('_', '-');
