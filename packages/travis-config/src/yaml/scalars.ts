/**
 * The type of a plain scalar (spec 1.2). Only what cannot lose its text on the way is typed: `3.10` would
 * come back as `3.1`, `010` as `10`, `2.0` as `2`, and a date as a point in time, so they stay text.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  switch (text) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    default:
      return /^-?(?:0|[1-9]\d{0,14})$/.test(text) && text !== '-0' ? Number(text) : text;
  }
}
